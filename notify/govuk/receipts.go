package govuk

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"example.org/doorstep/notify"
)

// Receipts asks how messages stand, by Notify's ids. It costs fewest requests when
// they come in the order in which they were sent: then one request tells of up to
// 250. After an error it returns what it has learned, too.
//
// Notify forgets messages after seven days, or what the service's settings say,
// and never knew those to its numbers for smoke tests (07700 900000, 900111 and
// 900222).
func (c *Channel) Receipts(ctx context.Context, providerIDs []string) ([]notify.Receipt, error) {
	learned := c.standing(ctx, c.kind, providerIDs)
	var receipts []notify.Receipt
	for _, n := range learned.found {
		if r, known := n.receipt(); known {
			receipts = append(receipts, r)
		}
	}
	for _, id := range learned.vain {
		receipts = append(receipts, notify.Receipt{ProviderID: id})
	}
	return receipts, learned.problem()
}

// inVain is how many messages in a row may be asked about in vain before it is Notify
// and not they.
const inVain = 5

// standings is what was learned of messages.
type standings struct {
	found   []notification
	vain    []string // were asked about, and cannot be read
	unasked []string // were not asked about
	fail    *failure // the first there was
}

// problem is what failed, if anything did.
func (s *standings) problem() error {
	if s.fail == nil {
		return nil
	}
	return s.fail
}

// standing asks for messages by id. A message can be asked for by itself, or with
// the 250 before it; what came before one of ours is mostly ours. So each that is
// still to be found, from the last, is asked for by itself, and pages are read from
// there for as long as they tell of at least two more. Pages that do not are wasted,
// and may be a tenth of what there is to ask at most.
//
// One that cannot be read is in vain and holds up no other, and a page that cannot be
// read is no more than wasted. After several in a row, or where Notify wants fewer
// requests, the rest is not asked for.
func (s *service) standing(ctx context.Context, kind string, ids []string) (learned standings) {
	missing := make(map[string]bool, len(ids))
	for _, id := range ids {
		if isUUID(id) { // else another provider's
			missing[id] = true
		}
	}
	wasted, all, inRow := 0, len(missing), 0
	failed := func(f *failure) (enough bool) {
		if learned.fail == nil {
			learned.fail = f
		}
		inRow++
		return inRow >= inVain || f.status == http.StatusTooManyRequests || ctx.Err() != nil
	}
	defer func() { learned.unasked = slices.Collect(maps.Keys(missing)) }()
	for i := len(ids) - 1; i >= 0; i-- {
		id := ids[i]
		if !missing[id] {
			continue
		}
		delete(missing, id)
		var asked notification
		f := s.get(ctx, "/v2/notifications/"+id, nil, &asked)
		if f != nil && f.status == http.StatusNotFound && len(f.errors) > 0 {
			continue // Notify knows nothing of it, not even where to go on from
		}
		if f == nil && asked.ID != id {
			f = &failure{status: http.StatusOK, unreadable: true}
		}
		if f != nil {
			learned.vain = append(learned.vain, id)
			if failed(f) {
				return learned
			}
			continue
		}
		learned.found, inRow = append(learned.found, asked), 0
		for from := asked.ID; len(missing) >= 2 && wasted*10 < all; {
			var page notifications
			if f := s.get(ctx, "/v2/notifications", url.Values{"template_type": {kind}, "older_than": {from}}, &page); f != nil {
				if failed(f) {
					return learned
				}
				wasted++
				break
			}
			ours := 0
			for _, n := range page.Notifications {
				if missing[n.ID] {
					delete(missing, n.ID)
					learned.found = append(learned.found, n)
					ours++
				}
			}
			if ours < 2 {
				wasted++
				break
			}
			from = page.Notifications[len(page.Notifications)-1].ID
		}
	}
	return learned
}
