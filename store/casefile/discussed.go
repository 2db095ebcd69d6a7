package casefile

import (
	"context"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// LastDiscussed returns what managers were last told of the cases since the child was
// seen, by case. A case of which nothing was said is left out.
func LastDiscussed(ctx context.Context, db *store.Store, refs []string) (map[string]*notify.Discussed, error) {
	events, err := db.EventsOfKinds(ctx, refs, pathway.DiscussionKinds())
	if err != nil {
		return nil, err
	}
	return discussedOf(events), nil
}

func discussedOf(events map[string][]pathway.Event) map[string]*notify.Discussed {
	last := map[string]*notify.Discussed{}
	for ref := range events {
		if d := pathway.LastDiscussion(events[ref]); !d.At.IsZero() {
			last[ref] = &notify.Discussed{At: d.At, Concern: d.Concern, SeenByOthers: d.SeenByOthers}
		}
	}
	return last
}
