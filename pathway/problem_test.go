package pathway

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestProblemKeepsKindAndCauseThroughWrapping(t *testing.T) {
	err := fmt.Errorf("printing: %w", AsProblem(Conflict, fmt.Errorf("batch 7: %w", io.ErrUnexpectedEOF)))
	if ProblemOf(err) != Conflict || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("kind %d of %v, want Conflict around the cause", ProblemOf(err), err)
	}
	if err.Error() != "printing: batch 7: unexpected EOF" {
		t.Errorf("the text is %q", err)
	}
	if kind := ProblemOf(io.EOF); kind != 0 {
		t.Errorf("a failure of the machinery is taken for a problem of kind %d", kind)
	}
	if AsProblem(Refused, nil) != nil {
		t.Error("no error became a problem")
	}
}
