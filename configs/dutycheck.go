package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
)

// duty checks one duty: that it can open, always has a due time, and can be met.
func (c *ruleCheck) duty(r *ruleDocument, key string, d *dutyEntry) {
	c.id(r, key, d.ID)
	if strings.TrimSpace(d.Title) == "" {
		r.missing(key+".title", `what is to be done, as in "See the child"`)
	}
	r.plain(key+".title", d.Title)
	if d.Basis == "" {
		r.missing(key+".basis", "guidance, or local where the figure is your own")
	}
	if d.Basis == string(pathway.Guidance) && strings.TrimSpace(d.Clause) == "" {
		r.missing(key+".clause", "where the guidance says so")
	}
	if d.Owner == "" {
		r.missing(key+".owner", "practitioner or manager")
	}
	if d.HeldAt != "" {
		c.heldAt(r, key+".held_at", d.HeldAt)
	}
	if d.Owner == string(pathway.Chair) && d.If.Text != "chair known" {
		r.fault(key+".owner", `chair: on a case without a chair nobody would be told: add "if: chair known"`)
	}
	if c.ladders[d.Ladder] == nil {
		r.fault(key+".ladder", "there is no ladder %q%s", d.Ladder, pathway.DidYouMean(d.Ladder, slices.Sorted(maps.Keys(c.ladders))))
	}
	for i, id := range d.TakesOver {
		if !c.isDuty(id) {
			r.fault(fmt.Sprintf("%s.takes_over[%d]", key, i), "there is no duty %q", id)
		}
	}
	if len(d.Opens) == 0 {
		r.missing(key+".opens", `what opens the duty, as in "opened" or "attempt 1"`)
	}
	for i, t := range d.Opens {
		c.trigger(r, fmt.Sprintf("%s.opens[%d]", key, i), t)
	}
	c.condition(r, key+".if", d.If)
	c.due(r, key+".due", d)
	for i, m := range d.Sooner {
		at := fmt.Sprintf("%s.sooner[%d]", key, i)
		c.match(r, at, m)
		if m.Kind != "" && slices.Contains(c.kinds, m.Kind) && m.Kind != pathway.KindTimeframeSet && !c.declared[m.Kind] {
			r.fault(at, "%q sets no date: use timeframe-set", m.Kind)
		}
	}
	c.metBy(r, key, d)
}

// isDuty reports whether some pathway or set has a duty of this id.
func (c *ruleCheck) isDuty(id string) bool {
	return slices.ContainsFunc(c.documents(), func(r *ruleDocument) bool {
		return slices.ContainsFunc(r.Duties, func(d dutyEntry) bool { return d.ID == id })
	})
}

// metBy checks that something can meet the duty.
func (c *ruleCheck) metBy(r *ruleDocument, key string, d *dutyEntry) {
	if len(d.MetBy) == 0 {
		r.missing(key+".met_by", "the event that meets the duty; without one it could never be done")
	}
	for i, m := range d.MetBy {
		at := fmt.Sprintf("%s.met_by[%d]", key, i)
		if why := pathway.KindOf(m.Kind).MeetsNothing; why != "" {
			r.fault(at, "%s never meets a duty: %s", m.Kind, why)
		} else {
			c.match(r, at, m)
		}
	}
	seen := map[string]bool{}
	for i, item := range d.Checklist {
		at := fmt.Sprintf("%s.checklist[%d]", key, i)
		if !pathway.IsShortName(item.Item) {
			r.fault(at, "%q is not an item: use small letters, digits and hyphens, as in record-check", item.Item)
		}
		if seen[item.Item] {
			r.fault(at, "%q is on the list twice", item.Item)
		}
		seen[item.Item] = true
		c.condition(r, at+".if", item.If)
	}
}

// due checks that every case the duty opens for gets a due time.
func (c *ruleCheck) due(r *ruleDocument, key string, d *dutyEntry) {
	if len(d.Due) == 0 {
		r.missing(key, `the clock, as in "5 working days"`)
	}
	for i, due := range d.Due {
		at := fmt.Sprintf("%s[%d]", key, i)
		last := i == len(d.Due)-1
		if due.Within.Text == "" {
			r.missing(at, `the clock, as in "within: 2 weeks"`)
			continue
		}
		c.condition(r, at+".if", due.If)
		switch {
		case last && due.If.Text != "":
			r.fault(at, "holds only if %s: other cases would have no due time; add a last entry without a condition", due.If.Text)
		case !last && due.If.Text == "":
			r.fault(at, "holds for every case, so the entries behind it are never reached: move it to the end")
		}
		if w := due.Within; !w.From.IsZero() && hours(w.From) > hours(w.Offset) {
			r.fault(at, "%q ends before it begins: write the earlier time first", w.Text)
		}
		c.anchor(r, at, d, due.Within)
	}
}

// anchor checks that what opens the duty brings the date that its clock counts
// from.
func (c *ruleCheck) anchor(r *ruleDocument, key string, d *dutyEntry, due pathway.Due) {
	for _, t := range d.Opens {
		kind, plain := t.Event.Kind, !t.Opened && !t.Birth && t.MinAttempt == 0 && !t.ComesByItself()
		own := plain && c.declared[kind]
		switch due.Anchor {
		case pathway.FromBooked:
			if !own && !(plain && (kind == pathway.KindVisitBooked || kind == pathway.KindAppointmentOffered)) {
				r.fault(key, "%q needs a date booked, and %q brings none: open the duty on visit-booked, appointment-offered or a kind of your own", due.Text, t.Text)
			}
		case pathway.FromSet:
			if !own && !(plain && kind == pathway.KindTimeframeSet) {
				r.fault(key, "%q needs a date that somebody set, and %q brings none: open the duty on timeframe-set or a kind of your own", due.Text, t.Text)
			}
		case pathway.FromEDD:
			if !t.Opened && !(plain && kind == pathway.KindEDDChanged) && d.If.Text != "edd known" {
				r.fault(key, `%q has no due time where the date is not known: add "if: edd known"`, due.Text)
			}
		case pathway.FromBirth:
			if !t.Opened && !t.Birth && !(plain && kind == pathway.KindBorn) {
				r.fault(key, "%q has no due time where the birth is not recorded: open the duty on opened, born or the birth", due.Text)
			}
		}
	}
}

// hours is about how long a length of time is, for comparing two.
func hours(o pathway.Offset) int {
	switch o.Unit {
	case pathway.Hours:
		return o.N
	case pathway.Weeks:
		return o.N * 7 * 24
	case pathway.WorkingDays:
		return o.N * 7 * 24 / 5
	case pathway.Months:
		return o.N * 30 * 24
	}
	return o.N * 24
}

// plain refuses a title that tells why a family is known: titles stand in texts,
// emails and digests.
func (d *ruleDocument) plain(key, title string) {
	if err := notify.LintTitle(title); err != nil {
		d.fault(key, "%v", err)
	}
}
