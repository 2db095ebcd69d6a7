package rehearsal

import (
	"context"
	"io"
	"iter"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// Caseload is people, cases and events with the lines they stood on. It takes them
// as an intake.Sink, or from files.
type Caseload struct {
	names  map[string]string // of the files, by what they hold
	people []row[pathway.Person]
	cases  []row[pathway.Case]
	events []row[pathway.Event]
}

// row is a record and the line it stood on.
type row[T any] struct {
	line  int
	value T
}

// yearsBehind is how far behind the rehearsal's end the files may reach: what lies
// there never becomes known.
const yearsBehind = 10

// Read reads a file of people, cases or events. o.Of, o.File and o.Rules say how;
// until is when the rehearsal ends. Bad rows are an error.
func (c *Caseload) Read(ctx context.Context, in io.Reader, until time.Time, o intake.Options) error {
	if c.names == nil {
		c.names = map[string]string{}
	}
	c.names[o.Of] = o.File
	o.Now = until.AddDate(yearsBehind, 0, 0)
	o.Staff = make([]pathway.Person, 0, len(c.people))
	for i := range c.people {
		o.Staff = append(o.Staff, c.people[i].value)
	}
	result, err := intake.Read(ctx, in, o, c)
	if err != nil {
		return err
	}
	return result.Err(result.File)
}

// AddPerson, AddCase and AddEvent take in the rows of the files.
func (c *Caseload) AddPerson(line int, p pathway.Person, given pathway.Given) error {
	c.people = append(c.people, row[pathway.Person]{line, p.Completed(given, nil)})
	return nil
}

func (c *Caseload) AddCase(line int, k pathway.Case, given pathway.Given) error {
	k = k.Completed(given, nil)
	k.Recorded = k.Opened
	if closed := k.Closed; !closed.IsZero() { // which nobody knows when it is opened
		k.Closed = time.Time{}
		e := pathway.Event{Case: k.Ref, Kind: pathway.KindClosed, At: closed}
		e.ID = pathway.EventID(&e)
		if err := c.AddEvent(line, e, pathway.GivenAll); err != nil {
			return err
		}
	}
	c.cases = append(c.cases, row[pathway.Case]{line, k})
	return nil
}

func (c *Caseload) AddEvent(line int, e pathway.Event, _ pathway.Given) error {
	if e.Recorded.IsZero() {
		e.Recorded = e.At
	}
	c.events = append(c.events, row[pathway.Event]{line, e})
	return nil
}

// People, Cases and Events go through what was taken in, in that order.
func (c *Caseload) People() iter.Seq[*pathway.Person] { return values(c.people) }
func (c *Caseload) Cases() iter.Seq[*pathway.Case]    { return values(c.cases) }
func (c *Caseload) Events() iter.Seq[*pathway.Event]  { return values(c.events) }

func values[T any](rows []row[T]) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range rows {
			if !yield(&rows[i].value) {
				return
			}
		}
	}
}
