package pages

import (
	"cmp"
	"errors"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// audit puts on record what somebody does, before they see what comes of it. Where that
// cannot be done they see nothing for now.
func (v *visit) audit(ref, deed, about, reason string) error {
	return v.auditLine(v.entry(ref, deed, about, reason))
}

func (v *visit) auditLine(e store.AuditEntry) error {
	return pathway.AsProblem(pathway.Unavailable, v.Store.AddLook(v.ctx(), e))
}

// auditBeside puts on record what somebody does while what comes of it is read: they see it
// once both is done, and nothing where either fails.
func (v *visit) auditBeside(e store.AuditEntry, read func() error) error {
	recorded := make(chan error, 1)
	go func() { recorded <- v.auditLine(e) }()
	err := read()
	return cmp.Or(<-recorded, err)
}

// entry is what somebody does, as the audit trail has it.
func (v *visit) entry(ref, deed, about, reason string) store.AuditEntry {
	e := store.AuditEntry{At: v.now, Way: pathway.WayPage, Deed: deed, Case: ref, About: about, Reason: reason}
	if v.person != nil {
		e.Who = v.person.ID
	}
	return e
}

// allowed returns who is on a case, where whoever asks may do something there; it is on
// record that they do, or that they were refused. A case that there is not and one that
// is none of theirs give the same error.
func (v *visit) allowed(ref string, a pathway.Action) (*pathway.AccessCase, error) {
	on, look, err := v.letIn(ref, a)
	if err != nil {
		return nil, err
	}
	return on, v.auditLine(look)
}

// letIn is allowed but for the line of whoever is let in, which is to be put on record
// before they see anything.
func (v *visit) letIn(ref string, a pathway.Action) (on *pathway.AccessCase, look store.AuditEntry, err error) {
	on, err = v.Store.AccessCase(v.ctx(), ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil, look, v.refuse("", a, "no-such-case")
	}
	if err != nil {
		return nil, look, err
	}
	reason := ""
	if may, why := pathway.May(v.who, a, on); !may {
		is, err := v.openedInEmergency(ref, a, on)
		if err != nil {
			return nil, look, err
		}
		if !is {
			return nil, look, v.refuse(ref, a, string(why))
		}
		reason = string(pathway.Emergency)
	}
	deed, about := onRecord(a)
	return on, v.entry(ref, deed, about, reason), nil
}

// What of a case's paper somebody asks for: to see it, or to print it.
const (
	paperPreview = "preview"
	paperPicture = "picture"
	paperOfCase  = "its prints"
	paperOne     = "one item"
)

// deedPreview is on record where somebody has seen a card, a letter or a batch, and has
// printed nothing.
const deedPreview = "preview"

// onRecord is how an action that somebody is let do stands on record. Who looks at what can
// be printed or decided has done neither yet: what they then do has lines of its own.
func onRecord(a pathway.Action) (deed, about string) {
	switch {
	case a.Do == pathway.DeedDecide:
		return string(pathway.DeedLook), "decisions"
	case a.Do == pathway.DeedPrint && a.Kind != paperOne:
		return deedPreview, a.Kind
	}
	return string(a.Do), a.Kind
}

func (v *visit) refuse(ref string, a pathway.Action, why string) error {
	if err := v.audit(ref, "refused", string(a.Do), why); err != nil {
		return err
	}
	return errNotFound
}

// may reports whether whoever is signed in may do something on a case. It is for
// showing what they could do next, and leaves no trace.
func (v *visit) may(a pathway.Action, on *pathway.AccessCase) bool {
	may, _ := pathway.May(v.who, a, on)
	return may
}

// open returns the case of the address, which whoever asks may do something on, as it
// stands.
func (v *visit) open(a pathway.Action) (*casefile.File, *pathway.AccessCase, error) {
	return v.openCase(v.r.PathValue("ref"), a)
}

func (v *visit) openCase(ref string, a pathway.Action) (f *casefile.File, on *pathway.AccessCase, err error) {
	on, look, err := v.letIn(ref, a)
	if err != nil {
		return nil, nil, err
	}
	err = v.auditBeside(look, func() (err error) {
		f, err = casefile.Case(v.ctx(), v.Store, v.Rules, ref, v.now)
		return err
	})
	return f, on, err
}
