package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// The states of a channel, which are those of an electric circuit.
const (
	ChannelClosed = "closed" // messages go
	ChannelOpen   = "open"   // none goes but a probe
)

// ChannelState is whether messages go by a channel, for all daemons together.
type ChannelState struct {
	Channel   string
	State     string    // ChannelClosed or ChannelOpen
	Since     time.Time // zero: it was never open
	Reason    string
	Fault     string
	NextProbe time.Time // when a message may be tried to see whether it works again; zero: at once
}

const (
	selectChannel = `SELECT state, since, reason, fault, next_probe_at FROM channel_states WHERE channel = $1`

	stoppedChannels = `SELECT channel, state, since, reason, fault, next_probe_at FROM channel_states WHERE state = 'open' ORDER BY channel`

	openChannel = `INSERT INTO channel_states (channel, state, since, reason, fault, next_probe_at) VALUES ($1, 'open', $2, $3, $4, $5)
ON CONFLICT (channel) DO UPDATE SET state = excluded.state, since = excluded.since, reason = excluded.reason, fault = excluded.fault,
	next_probe_at = excluded.next_probe_at
WHERE channel_states.state <> 'open'`

	closeChannel = `UPDATE channel_states SET state = 'closed', since = $1, reason = '', fault = '', next_probe_at = NULL
WHERE channel = $2 AND state = 'open'`
	pullForward = `UPDATE messages SET next_try_at = $1
WHERE channel = $2 AND ` + waiting + ` AND state = 'failed-temporarily' AND fault IN ('provider', 'account', 'refused') AND next_try_at > $1`
	unstick = `UPDATE messages SET moved_at = NULL WHERE channel = $1 AND ` + waiting + ` AND moved_at IS NOT NULL`

	takeProbe = `UPDATE channel_states SET next_probe_at = $1
WHERE channel = $2 AND state = 'open' AND (next_probe_at IS NULL OR next_probe_at <= $3)`
)

// ChannelState returns the state of a channel.
func (s *Store) ChannelState(ctx context.Context, channel string) (ChannelState, error) {
	c := ChannelState{Channel: channel, State: ChannelClosed}
	var since, probe sql.NullInt64
	err := s.db.QueryRowContext(ctx, selectChannel, channel).Scan(&c.State, &since, &c.Reason, &c.Fault, &probe)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ChannelState{}, fmt.Errorf("read the state of channel %s: %w", channel, explain(err))
	}
	c.Since, c.NextProbe = instant(since), instant(probe)
	return c, nil
}

// StoppedChannels returns the channels that are open, in order of name.
func (s *Store) StoppedChannels(ctx context.Context) ([]ChannelState, error) {
	return collect(ctx, s, "look for channels that are stopped", stoppedChannels, nil, scanChannelState)
}

func scanChannelState(rows row) (c ChannelState, err error) {
	err = rows.Scan(&c.Channel, &c.State, readInstant(&c.Since), &c.Reason, &c.Fault, readInstant(&c.NextProbe))
	return c, err
}

// OpenChannel stops a channel from now on, for c's reason, until a probe gets
// through. Of several who do so at once one is told true: the one who is to tell
// others.
func (s *Store) OpenChannel(ctx context.Context, now time.Time, c ChannelState) (opened bool, err error) {
	result, err := s.execute(ctx, s.db, openChannel, c.Channel, now.UnixMilli(), c.Reason, c.Fault, optional(millis(c.NextProbe)))
	return changedOne(result, err, "stop channel "+c.Channel)
}

// CloseChannel lets messages go by a channel again. Of several who do so at once
// one is told true, and how many messages that wait for another try because of the
// provider or the account are to be tried now instead of later.
func (s *Store) CloseChannel(ctx context.Context, now time.Time, channel string) (closed bool, pulled int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		pulled = 0
		result, err := tx.ExecContext(ctx, closeChannel, now.UnixMilli(), channel)
		if closed, err = changedOne(result, err, "close"); err != nil || !closed {
			return err
		}
		if result, err = tx.ExecContext(ctx, pullForward, now.UnixMilli(), channel); err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		pulled = int(n)
		_, err = tx.ExecContext(ctx, unstick, channel)
		return err
	})
	if err != nil {
		return false, 0, fmt.Errorf("let messages go by channel %s again: %w", channel, err)
	}
	return closed, pulled, nil
}

// TakeProbe reports whether the asker, and nobody else, may try a message by an
// open channel now. The next one may at next.
func (s *Store) TakeProbe(ctx context.Context, now time.Time, channel string, next time.Time) (bool, error) {
	result, err := s.execute(ctx, s.db, takeProbe, next.UnixMilli(), channel, now.UnixMilli())
	return changedOne(result, err, "probe channel "+channel)
}
