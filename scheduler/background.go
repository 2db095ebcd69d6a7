package scheduler

import (
	"context"
	"slices"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// readDiscussed reads what managers were last told of the cases of messages that were
// claimed together: one question for all of them, because a question for each would take
// as long as handing it over. Where it cannot be read it is asked for with the message.
func (d *delivery) readDiscussed(ctx context.Context, messages []claimed) {
	var refs []string
	for i := range messages {
		for k := range messages[i].reminders {
			if r := &messages[i].reminders[k]; r.Role == pathway.Manager && r.Duty.Attempt > 0 {
				refs = append(refs, r.Duty.Case)
			}
		}
	}
	discussed := map[string]*notify.Discussed{}
	if len(refs) > 0 {
		slices.Sort(refs)
		var err error
		if discussed, err = casefile.LastDiscussed(ctx, d.store, slices.Compact(refs)); err != nil {
			return
		}
	}
	for i := range messages {
		messages[i].discussed = discussed
	}
}

// addBackground adds what a reader needs beside the duties, once for each case: to a
// manager what was last discussed of it, which is known by case or nil, and where liaison
// is asked the household's other cases. duties are those of the reminders.
func (d *delivery) addBackground(ctx context.Context, reminders []notify.Reminder, duties []*pathway.Duty, discussed map[string]*notify.Discussed) error {
	first := map[string]*notify.Reminder{} // to the manager, by case
	var refs []string
	for i := range reminders {
		r := &reminders[i]
		if r.Role == string(pathway.Manager) && r.Attempt > 0 && first[r.CaseRef] == nil {
			first[r.CaseRef] = r
			refs = append(refs, r.CaseRef)
		}
	}
	if len(refs) > 0 && discussed == nil {
		var err error
		if discussed, err = casefile.LastDiscussed(ctx, d.store, refs); err != nil {
			return err
		}
	}
	for ref, r := range first {
		r.Discussed = discussed[ref]
	}
	for i, duty := range duties {
		rule := d.rules.Rule(duty.Pathway, duty.Version, duty.ID)
		if rule == nil || len(rule.Checklist) == 0 {
			continue
		}
		household, err := d.store.Household(ctx, duty.Case)
		if err != nil {
			return err
		}
		for _, c := range household {
			if r := &reminders[i]; !c.Closed && !slices.Contains(r.Household, c.Ref) {
				r.Household = append(r.Household, c.Ref)
			}
		}
	}
	return nil
}
