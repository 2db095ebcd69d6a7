package casefile

import (
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// PaperStanding is a card, a letter, or a call in place of one, as things stand.
type PaperStanding struct {
	*Paper
	Waits bool // to be printed, or phoned
	// Call says that the family is to be phoned in place of it, and Because why.
	Call    bool
	Because string
	// Gone says why what has not been printed is not called for any more. Empty where it is.
	Gone string
}

// PaperStands says how things stand with the file's paper, the newest first. A call waits
// until the family is seen or visited again. It changes nothing: what waits is judged once
// more when it is printed.
func (f *File) PaperStands(rules *pathway.Rules, tables *pathway.PaperTables) ([]PaperStanding, error) {
	if tables == nil || len(f.Paper) == 0 {
		return nil, nil
	}
	events := make([]pathway.Event, len(f.Events))
	for i := range f.Events {
		events[i] = f.Events[i].Event
	}
	stands := make([]PaperStanding, 0, len(f.Paper))
	for i := len(f.Paper) - 1; i >= 0; i-- {
		p := &f.Paper[i]
		s := PaperStanding{Paper: p, Gone: p.Outcome}
		if p.State == store.PrintQueued {
			if err := s.judge(rules, tables, f, events); err != nil {
				return nil, err
			}
		}
		stands = append(stands, s)
	}
	return stands, nil
}

// judge says what becomes of something that has not been printed. Only of a call is it
// worked out anew what is called for: it may be paper by now.
func (s *PaperStanding) judge(rules *pathway.Rules, tables *pathway.PaperTables, f *File, events []pathway.Event) error {
	item := &s.PaperItem
	if s.Gone = item.Overtaken(&f.Case, events); s.Gone == "" && item.Passed(f.At) {
		s.Gone = "the time that it names is over"
	}
	if s.Gone == "" && item.Kind == pathway.PaperPhone {
		still, gone, err := tables.StillDue(rules, &f.Case, events, item, f.At)
		if err != nil {
			return err
		}
		if s.Gone = gone; still != nil {
			item = still
		}
	}
	if s.Gone == "" {
		s.Waits, s.Because = true, item.Refused
		if s.Call = item.Kind == pathway.PaperPhone; s.Call {
			s.Because = item.PhoneBecause()
		}
	}
	return nil
}
