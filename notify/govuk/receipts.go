package govuk

import (
	"context"
	"net/http"
	"net/url"

	"example.org/doorstep/notify"
)

// Receipts asks how messages stand, by Notify's ids. It costs fewest requests when
// they come in the order in which they were sent: then one request tells of up to
// 250. After an error it returns what it has learned until then, too.
//
// Notify forgets messages after seven days, or what the service's settings say,
// and never knew those to its numbers for smoke tests (07700 900000, 900111 and
// 900222).
func (c *Channel) Receipts(ctx context.Context, providerIDs []string) ([]notify.Receipt, error) {
	found, fail := c.standing(ctx, c.kind, providerIDs)
	var receipts []notify.Receipt
	for _, n := range found {
		if r, known := n.receipt(); known {
			receipts = append(receipts, r)
		}
	}
	if fail != nil {
		return receipts, fail
	}
	return receipts, nil
}

// standing asks for messages by id. A message can be asked for by itself, or with
// the 250 before it; what came before one of ours is mostly ours. So each that is
// still to be found, from the last, is asked for by itself, and pages are read from
// there for as long as they tell of at least two more. Pages that do not are wasted,
// and may be a tenth of what there is to ask at most.
func (s *service) standing(ctx context.Context, kind string, ids []string) (found []notification, fail *failure) {
	missing := make(map[string]bool, len(ids))
	for _, id := range ids {
		if isUUID(id) { // else another provider's
			missing[id] = true
		}
	}
	wasted, all := 0, len(missing)
	for i := len(ids) - 1; i >= 0; i-- {
		id := ids[i]
		if !missing[id] {
			continue
		}
		delete(missing, id)
		var asked notification
		fail := s.get(ctx, "/v2/notifications/"+id, nil, &asked)
		if fail != nil && fail.status == http.StatusNotFound && len(fail.errors) > 0 {
			continue // Notify knows nothing of it, not even where to go on from
		}
		if fail == nil && asked.ID != id {
			fail = &failure{status: http.StatusOK, unreadable: true}
		}
		if fail != nil {
			return found, fail
		}
		found = append(found, asked)
		for from := asked.ID; len(missing) >= 2 && wasted*10 < all; {
			var page notifications
			if fail := s.get(ctx, "/v2/notifications", url.Values{"template_type": {kind}, "older_than": {from}}, &page); fail != nil {
				return found, fail
			}
			ours := 0
			for _, n := range page.Notifications {
				if missing[n.ID] {
					delete(missing, n.ID)
					found = append(found, n)
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
	return found, nil
}
