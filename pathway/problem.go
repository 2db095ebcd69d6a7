package pathway

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ProblemKind says what sort of reason there is for not doing what was asked.
type ProblemKind int

const (
	// Refused: what was asked for is wrong or not allowed. Correct it.
	Refused ProblemKind = iota + 1
	// NotFound: there is no such case, batch, person, or whoever asks may not know.
	NotFound
	// Conflict: somebody else was there first, or it stands otherwise by now. Look
	// again, then decide.
	Conflict
	// Unavailable: what it takes cannot be reached at the moment. Try again later.
	Unavailable
)

// Problem is an error that people can do something about. Its text is one
// sentence: what is wrong, then what to do. It names cases and staff by their
// references only. Whatever people work with turns the kind into its own terms: the
// command line into an exit code.
//
// Errors that are no Problem are failures of the machinery.
type Problem struct {
	Kind ProblemKind
	Err  error
}

func (p *Problem) Error() string { return p.Err.Error() }
func (p *Problem) Unwrap() error { return p.Err }

// NewProblem returns a problem with a text as fmt.Errorf makes it.
func NewProblem(kind ProblemKind, format string, args ...any) error {
	return &Problem{kind, fmt.Errorf(format, args...)}
}

// AsProblem makes a problem of an error, whose text stays; nil stays nil.
func AsProblem(kind ProblemKind, err error) error {
	if err == nil {
		return nil
	}
	return &Problem{kind, err}
}

// ProblemOf returns what kind of problem an error is; 0 where it is none.
func ProblemOf(err error) ProblemKind {
	var p *Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return 0
}

// WithoutPath is what was wrong with a file, without its name and that of the system
// call: names of files may be names of people, and a sentence has named it already.
func WithoutPath(err error) error {
	var onFile *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &onFile):
		return onFile.Err
	case errors.As(err, &onLink):
		return onLink.Err
	}
	return err
}
