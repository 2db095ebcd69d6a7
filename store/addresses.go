package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"time"

	"example.org/doorstep/pathway"
)

// DisabledAddress is an address that is not used again until somebody edits it:
// an import that gives the person another address needs nothing more.
type DisabledAddress struct {
	Channel string
	Address string
	Fault   string // address or opted-out
	Code    string // the provider's own
	Reason  string
	Person  string // whose it was
	At      time.Time
}

// KeyedMessage is a message by its number and its key.
type KeyedMessage struct {
	ID  int64
	Key string
}

const (
	// reachableColumns are "id, " + personColumns without the addresses that are
	// disabled.
	reachableColumns = `id, name, role, team,
	CASE WHEN EXISTS (SELECT 1 FROM disabled_addresses a WHERE a.channel = 'email' AND a.address = people.email) THEN '' ELSE email END,
	CASE WHEN EXISTS (SELECT 1 FROM disabled_addresses a WHERE a.channel = 'sms' AND a.address = people.mobile) THEN '' ELSE mobile END,
	channel, reports_to, cover, active_from, active_until, away_from, away_until`

	selectReachable = `SELECT ` + reachableColumns + ` FROM people`

	selectDisabled = `SELECT channel, address, fault, code, reason, person, disabled_at FROM disabled_addresses
ORDER BY disabled_at, channel, address`

	disableAddress = `INSERT INTO disabled_addresses (channel, address, fault, code, reason, person, disabled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (channel, address) DO NOTHING`

	// That no receipt was to come is told by none having been asked for. The index
	// messages_arrived has both of these, to the letter.
	arrivedAt = `(CASE state WHEN 'delivered' THEN progress_at ELSE sent_at END)`
	arrived   = `(state = 'delivered' OR state = 'sent' AND poll_at IS NULL AND polls = 0 AND progress = '')`

	lastDelivered   = `SELECT channel, address, MAX` + arrivedAt + ` FROM messages WHERE sent_at >= $1 AND ` + arrived + ` GROUP BY channel, address`
	lastDeliveredTo = `SELECT a.value, (SELECT MAX` + arrivedAt + ` FROM messages WHERE channel = $2 AND address = a.value AND ` + arrived + `) FROM %s`

	reachableOf = ` WHERE id IN (SELECT id FROM people WHERE %s UNION SELECT id FROM people WHERE team <> '' AND %s) ORDER BY id`

	sentEmailKeys = `SELECT id, key FROM messages WHERE id < $1 AND sent_at >= $2 AND channel = 'email' ORDER BY id DESC LIMIT 1000`
)

// ReachablePeople returns everybody, in order of id, as pathway.Tell should see
// them: without the addresses that are disabled.
func (s *Store) ReachablePeople(ctx context.Context) ([]pathway.Person, error) {
	return collect(ctx, s, "read the people", selectReachable+" ORDER BY id", nil, scanPerson)
}

// ReachableOf is ReachablePeople for these people and those of these teams.
func (s *Store) ReachableOf(ctx context.Context, ids, teams []string) ([]pathway.Person, error) {
	return collect(ctx, s, "look for people who can be told", s.reachableOf(), []any{s.dialect.listArgument(ids), s.dialect.listArgument(teams)}, scanPerson)
}

func (s *Store) reachableOf() string {
	return selectReachable + fmt.Sprintf(reachableOf, s.dialect.isAny("id", 1), s.dialect.isAny("team", 2))
}

// reachable is ReachablePeople for some of them, within a transaction.
func (s *Store) reachable(ctx context.Context, tx *sql.Tx, ids []string) ([]pathway.Person, error) {
	var found []pathway.Person
	err := selectAll(ctx, tx, selectReachable+" WHERE "+s.dialect.isAny("id", 1), s.dialect.listArgument(ids), func(rows *sql.Rows) error {
		p, err := scanPerson(rows)
		found = append(found, p)
		return err
	})
	return found, err
}

// DisabledAddresses returns them all, the oldest first.
func (s *Store) DisabledAddresses(ctx context.Context) ([]DisabledAddress, error) {
	return collect(ctx, s, "read the disabled addresses", selectDisabled, nil, func(rows *sql.Rows) (a DisabledAddress, err error) {
		var at sql.NullInt64
		err = rows.Scan(&a.Channel, &a.Address, &a.Fault, &a.Code, &a.Reason, &a.Person, &at)
		a.At = instant(at)
		return a, err
	})
}

// DisableAddress disables an address from now on. One that is disabled already
// stays so for the reason it was.
func (s *Store) DisableAddress(ctx context.Context, now time.Time, a DisabledAddress) error {
	_, err := s.execute(ctx, s.db, disableAddress, a.row(now)...)
	if err != nil {
		return fmt.Errorf("disable an address: %w", err)
	}
	return nil
}

func (a *DisabledAddress) row(now time.Time) []any {
	return []any{a.Channel, a.Address, a.Fault, a.Code, a.Reason, a.Person, now.UnixMilli()}
}

// EnableAddress has an address used again; false: it was not disabled. What came back
// from it before does not count any more.
func (s *Store) EnableAddress(ctx context.Context, channel, address string) (enabled bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM disabled_addresses WHERE channel = $1 AND address = $2`, channel, address)
		if enabled, err = changedOne(result, err, "enable an address"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM bounced_emails WHERE address = $1`, address)
		return err
	})
	return enabled, err
}

// LastDelivered returns when a message last arrived at an address, by channel and
// address, of the messages that were sent at or after since. Where no receipt was
// to come, one that was accepted counts. It reads all messages.
func (s *Store) LastDelivered(ctx context.Context, since time.Time) (map[[2]string]time.Time, error) {
	last := map[[2]string]time.Time{}
	_, err := collect(ctx, s, "look for what has arrived", lastDelivered, []any{since.UnixMilli()}, func(rows *sql.Rows) (none struct{}, err error) {
		var channel, address string
		var at sql.NullInt64
		err = rows.Scan(&channel, &address, &at)
		last[[2]string{channel, address}] = instant(at)
		return none, err
	})
	return last, err
}

// LastDeliveredTo is LastDelivered for these addresses of a channel, by address, of
// whatever was ever sent there.
func (s *Store) LastDeliveredTo(ctx context.Context, channel string, addresses []string) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	if len(addresses) == 0 {
		return last, nil
	}
	_, err := collect(ctx, s, "look for what has arrived", s.lastDeliveredTo(), []any{s.dialect.listArgument(addresses), channel}, func(rows *sql.Rows) (none struct{}, err error) {
		var address string
		var at sql.NullInt64
		if err = rows.Scan(&address, &at); at.Valid {
			last[address] = instant(at)
		}
		return none, err
	})
	return last, err
}

func (s *Store) lastDeliveredTo() string { return fmt.Sprintf(lastDeliveredTo, s.dialect.listed(1)) }

// SentEmailKeys returns the emails that were sent at or after since, the newest
// first, to find the one that a bounce is about. Others can write meanwhile. It
// ends with the first error. It reads all messages.
func (s *Store) SentEmailKeys(ctx context.Context, since time.Time) iter.Seq2[KeyedMessage, error] {
	return func(yield func(KeyedMessage, error) bool) {
		for before := int64(math.MaxInt64); ; {
			some, err := collect(ctx, s, "read the keys of emails", sentEmailKeys, []any{before, since.UnixMilli()},
				func(rows *sql.Rows) (m KeyedMessage, err error) {
					err = rows.Scan(&m.ID, &m.Key)
					return m, err
				})
			if err != nil {
				yield(KeyedMessage{}, err)
				return
			}
			for _, m := range some {
				if !yield(m, nil) {
					return
				}
				before = m.ID
			}
			if len(some) == 0 {
				return
			}
		}
	}
}
