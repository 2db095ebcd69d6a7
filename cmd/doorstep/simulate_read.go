package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// read reads the files of the simulation. What is wrong with any of them is
// reported together.
func (s *simulation) read(ctx context.Context, files simulationFiles) error {
	var faults []error
	for _, f := range []struct{ of, path string }{
		{intake.People, files.people}, {intake.Cases, files.cases}, {intake.Events, files.events},
	} {
		if f.path == "" {
			continue // a caseload without events
		}
		if err := s.readFile(ctx, f.of, f.path); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return badInput{errors.Join(faults...)}
	}
	return nil
}

func (s *simulation) readFile(ctx context.Context, of, path string) error {
	in, err := readable(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return s.readFrom(ctx, in, of, filepath.Base(path))
}

func (s *simulation) readFrom(ctx context.Context, in io.Reader, of, name string) error {
	// Files may describe what lies behind --to: it never becomes known.
	latest := s.to.AddDate(simulatedYears, 0, 0)
	if s.names == nil {
		s.names = map[string]string{}
	}
	s.names[of] = name
	result, err := intake.Read(ctx, in, intake.Options{
		Of: of, File: name, Location: s.calendar.Location(), Now: latest, Vocabulary: s.pathways.Vocabulary(),
	}, s)
	if err != nil {
		return err
	}
	if result.BadRows > 0 {
		return fmt.Errorf("%w", result.Err(name))
	}
	return nil
}

// simulatedYears is how far behind --to the files may reach.
const simulatedYears = 10

// AddPerson, AddCase and AddEvent take in the rows of the files.
func (s *simulation) AddPerson(line int, p pathway.Person) error {
	s.people = append(s.people, row[pathway.Person]{line, p})
	return nil
}

func (s *simulation) AddCase(line int, c pathway.Case) error {
	c.Recorded = c.Opened
	s.cases = append(s.cases, row[pathway.Case]{line, c})
	return nil
}

func (s *simulation) AddEvent(line int, e pathway.Event) error {
	if e.Recorded.IsZero() {
		e.Recorded = e.At
	}
	s.events = append(s.events, row[pathway.Event]{line, e})
	return nil
}
