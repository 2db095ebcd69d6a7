package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// namesKeep is for how long a name is taken to be as the people list had it.
const namesKeep = time.Minute

// staffNames are the names that messages call staff by, as the people list has them.
type staffNames struct {
	mu    sync.Mutex
	known map[string]knownName // by id
}

type knownName struct {
	name string // empty: there is none
	at   time.Time
}

// read makes sure that the names of these ids are known, with one look into the people
// list for all of them.
func (n *staffNames) read(ctx context.Context, db *store.Store, now time.Time, ids []string) error {
	unknown := n.unknown(now, ids)
	if len(unknown) == 0 {
		return nil
	}
	names, err := db.StaffNames(ctx, unknown)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range unknown {
		n.known[id] = knownName{names[id], now}
	}
	return nil
}

// unknown returns those of the ids whose names are not known as of now, each once.
func (n *staffNames) unknown(now time.Time, ids []string) (unknown []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known = map[string]knownName{}
	}
	asked := map[string]bool{}
	for _, id := range ids {
		known, is := n.known[id]
		if age := now.Sub(known.at); id != "" && !asked[id] && (!is || age < 0 || age >= namesKeep) {
			asked[id] = true
			unknown = append(unknown, id)
		}
	}
	return unknown
}

// of returns the names of these ids, as far as they are known.
func (n *staffNames) of(ids []string) pathway.StaffNames {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := pathway.StaffNames{}
	for _, id := range ids {
		if known := n.known[id]; known.name != "" {
			names[id] = known.name
		}
	}
	return names
}

// nameStaff puts the names of those in a message beside it. No message waits for a name:
// where it cannot be read the id stands alone.
func (d *delivery) nameStaff(ctx context.Context, now time.Time, c *checked) {
	ids := c.message.StaffIDs()
	if err := d.names.read(ctx, d.store, now, ids); err != nil && ctx.Err() == nil {
		d.log.Debug("a message goes without the names of staff", "error", err)
	}
	c.message.Staff = d.names.of(ids)
}

// readNames reads the names for messages that were claimed together.
func (d *delivery) readNames(ctx context.Context, now time.Time, messages []claimed) {
	var ids []string
	for i := range messages {
		for k := range messages[i].reminders {
			r := &messages[i].reminders[k]
			ids = append(ids, r.Practitioner, r.Manager, r.Instead)
		}
	}
	if err := d.names.read(ctx, d.store, now, ids); err != nil && ctx.Err() == nil {
		d.log.Debug("the names of staff cannot be read: messages have ids", "error", err)
	}
}
