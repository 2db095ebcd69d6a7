package pathway

import (
	"strings"
	"time"
)

// Discussion is what was said, when unsuccessful visits were discussed with the manager,
// of what their urgency hangs on. It informs; no clock goes by it.
type Discussion struct {
	At           time.Time // the last time that either was said
	Concern      string    // low, medium or high; empty: not said
	SeenByOthers string    // whether other professionals have seen the child: yes, no or unknown; empty: not said
}

// DiscussionKinds are the kinds of event that LastDiscussion reads.
func DiscussionKinds() []string { return []string{KindDiscussedWithManager, KindSeen, KindVoided} }

// LastDiscussion returns what was last said since the child was seen; the zero
// Discussion where nothing was. Of a value only the words that it may have are taken.
func LastDiscussion(events []Event) (d Discussion) {
	for _, e := range History(&Case{}, events) {
		switch e.Kind {
		case KindSeen:
			d = Discussion{}
		case KindDiscussedWithManager:
			d.take(&e)
		}
	}
	return d
}

func (d *Discussion) take(e *Event) {
	for _, part := range strings.Split(e.Value, ";") {
		what, said, _ := strings.Cut(strings.TrimSpace(part), "=")
		if d.answer(what, said) {
			d.At = e.At
		}
	}
}

// answer takes one answer, if it is among those that there are.
func (d *Discussion) answer(what, said string) (taken bool) {
	switch what + "=" + said {
	case "concern=low", "concern=medium", "concern=high":
		d.Concern = said
	case "seen-by-others=yes", "seen-by-others=no", "seen-by-others=unknown":
		d.SeenByOthers = said
	default:
		return false
	}
	return true
}
