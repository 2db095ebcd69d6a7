package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// PostingState is what became of a letter that GOV.UK Notify is to post.
type PostingState string

const (
	PostingQueued    PostingState = "queued"
	PostingSending   PostingState = "sending"   // somebody is handing it over, or died doing so
	PostingAccepted  PostingState = "accepted"  // Notify has it
	PostingReceived  PostingState = "received"  // printed and posted
	PostingRefused   PostingState = "refused"   // Notify does not post it
	PostingWithdrawn PostingState = "withdrawn" // things moved on before it went
)

// Posting is a letter that GOV.UK Notify is to post.
type Posting struct {
	Item       int64 // the print's id
	Batch      int64
	Reference  string // its name at Notify
	Postage    string
	State      PostingState
	Queued     time.Time
	NextTry    time.Time // when it may be claimed; zero: no more
	MaybeSent  time.Time // the first attempt whose end nobody heard of; zero: there was none
	SHA256     string    // of the PDF that was handed over
	ProviderID string
	Accepted   time.Time
	Status     string // Notify's own word for how far it is
	StatusAt   time.Time
	Reason     string // how it stands, in words
	Failed     bool   // somebody has to look
}

// ClaimedPosting is a letter that its claimer alone may hand over until the claim
// runs out. MaybeSent is what it was before the claim.
type ClaimedPosting struct {
	Posting
	Print Print // with its Input
}

// BatchPosting is a letter with what says which it is. It names nobody.
type BatchPosting struct {
	Posting
	Case, Variant, Serial string
	Place                 int
}

// PostingStatus is how a letter stands at Notify now.
type PostingStatus struct {
	Item       int64
	ProviderID string
	State      PostingState // PostingAccepted, PostingReceived or PostingRefused
	Status     string
	At         time.Time // when it came so far
	Reason     string
	Failed     bool
}

// UnpostedBatch is a batch with letters that have no posting.
type UnpostedBatch struct {
	Number  int64
	Options string
}

const (
	postingWaits = `state IN ('queued', 'sending')`

	postingColumns = "t.item, t.batch, t.reference, t.postage, t.state, t.queued_at, t.next_try_at, t.maybe_sent_at, t.sha256, t.provider_id, " +
		"t.accepted_at, t.status, t.status_at, t.reason, t.failed"

	insertPostings = `INSERT INTO postings (item, batch, reference, postage, state, queued_at, next_try_at) VALUES `

	selectPostingToClaim = "SELECT " + postingColumns + ` FROM postings t
WHERE t.batch = $1 AND t.` + postingWaits + ` AND t.next_try_at <= $2 ORDER BY t.item LIMIT 1`

	claimPosting = `UPDATE postings SET state = 'sending', holder = $1, next_try_at = $2, maybe_sent_at = COALESCE(maybe_sent_at, $3) WHERE item = $4`

	selectPostingPrint = "SELECT " + printColumns + ", p.input" + fromPrints + "WHERE p.id = $1"

	acceptPosting = `UPDATE postings SET state = 'accepted', holder = '', next_try_at = NULL, maybe_sent_at = NULL, reason = '',
	provider_id = $1, sha256 = $2, accepted_at = $3
WHERE item = $4 AND ` + postingWaits

	releasePosting = `UPDATE postings SET state = 'queued', holder = '', next_try_at = $1, maybe_sent_at = $2, reason = $3
WHERE item = $4 AND holder = $5 AND state = 'sending'`

	endPosting = `UPDATE postings SET state = $1, holder = '', next_try_at = NULL, reason = $2, failed = $3, status_at = $4
WHERE item = $5 AND holder = $6 AND state = 'sending'`

	selectBatchPostings = "SELECT " + postingColumns + `, p.case_ref, p.variant, p.serial, p.place
FROM postings t JOIN print_items p ON p.id = t.item WHERE `

	postingsOfCase = "SELECT " + postingColumns + ` FROM print_items p JOIN postings t ON t.item = p.id WHERE p.case_ref = $1`

	// Each part has an index of its own.
	unfinishedPostings = selectBatchPostings + `t.item IN (
	SELECT item FROM postings WHERE ` + postingWaits + `
	UNION ALL SELECT item FROM postings WHERE state = 'accepted'
	UNION ALL SELECT item FROM postings WHERE failed = TRUE AND status_at >= $1) ORDER BY t.batch, p.place`

	selectOnTheWay = "SELECT " + postingColumns + ` FROM postings t
WHERE t.state = 'accepted' AND (t.accepted_at > $1 OR t.accepted_at = $1 AND t.item > $2) ORDER BY t.accepted_at, t.item LIMIT $3`

	// What has ended stays so.
	recordPostings = `UPDATE postings SET state = v.state, status = v.status, status_at = v.at, reason = v.reason, failed = (v.failed = 1), told_at = NULL
FROM %s WHERE postings.item = v.item AND postings.provider_id = v.provider AND postings.state = 'accepted'`

	selectWaitingPostings = `SELECT batch, count(*), min(queued_at) FROM postings WHERE ` + postingWaits + ` GROUP BY batch`

	selectUnpostedBatches = `SELECT b.number, b.options FROM print_batches b
WHERE b.made_at >= $1 AND EXISTS (SELECT 1 FROM print_items p WHERE p.batch = b.number AND p.place IS NOT NULL AND p.kind = 'letter' AND p.state = 'printed'
	AND NOT EXISTS (SELECT 1 FROM postings t WHERE t.item = p.id)) ORDER BY b.made_at, b.number`
)

func (p *Posting) scan(rows row, more ...any) error {
	var queued, next, maybe, accepted, status sql.NullInt64
	err := rows.Scan(append([]any{&p.Item, &p.Batch, &p.Reference, &p.Postage, &p.State, &queued, &next, &maybe, &p.SHA256, &p.ProviderID,
		&accepted, &p.Status, &status, &p.Reason, &p.Failed}, more...)...)
	p.Queued, p.NextTry, p.MaybeSent, p.Accepted, p.StatusAt = instant(queued), instant(next), instant(maybe), instant(accepted), instant(status)
	return err
}

func scanPosting(rows row) (p Posting, err error) {
	err = p.scan(rows)
	return p, err
}

func scanBatchPosting(rows *sql.Rows) (p BatchPosting, err error) {
	var serial sql.NullString
	err = p.scan(rows, &p.Case, &p.Variant, &serial, &p.Place)
	p.Serial = serial.String
	return p, err
}

// QueuePostings keeps letters that are to be handed over: of each its Item, Batch,
// Reference and Postage. Those that are kept already stay as they are. It returns
// how many were new.
func (s *Store) QueuePostings(ctx context.Context, now time.Time, postings []Posting) (added int, err error) {
	const columns = 7
	flat := make([]any, 0, columns*len(postings))
	for _, p := range postings {
		flat = append(flat, p.Item, p.Batch, p.Reference, p.Postage, string(PostingQueued), now.UnixMilli(), now.UnixMilli())
	}
	query := func(rows int) string {
		return insertPostings + values(rows, columns) + ` ON CONFLICT DO NOTHING RETURNING item`
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		added = 0
		return s.writeRows(ctx, tx, query, columns, flat, func(rows *sql.Rows) error {
			added++
			var item int64
			return rows.Scan(&item)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("queue letters: %w", err)
	}
	return added, nil
}

// ClaimPosting claims a letter of a batch until leaseUntil, or returns nil where
// none may be claimed now: nobody else is given it before that, and after it
// anybody, whatever has become of the claimer.
func (s *Store) ClaimPosting(ctx context.Context, now time.Time, batch int64, holder string, leaseUntil time.Time) (*ClaimedPosting, error) {
	var claimed *ClaimedPosting
	err := s.write(ctx, func(tx *sql.Tx) error {
		c := &ClaimedPosting{}
		claimed = nil
		err := c.Posting.scan(tx.QueryRowContext(ctx, selectPostingToClaim+s.dialect.skipLocked, batch, now.UnixMilli()))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		c.State, c.NextTry = PostingSending, leaseUntil
		if _, err := tx.ExecContext(ctx, claimPosting, holder, leaseUntil.UnixMilli(), now.UnixMilli(), c.Item); err != nil {
			return err
		}
		claimed = c
		return selectAll(ctx, tx, selectPostingPrint, c.Item, func(rows *sql.Rows) error { return c.Print.scan(rows, &c.Print.Input) })
	})
	if err != nil {
		return nil, fmt.Errorf("claim a letter of batch %d: %w", batch, err)
	}
	return claimed, nil
}

// AcceptPosting records that Notify has a letter, under its name there, with the
// SHA-256 of the PDF. It counts whoever holds the claim by now: both have asked
// Notify for the same reference.
func (s *Store) AcceptPosting(ctx context.Context, now time.Time, item int64, providerID, sha256 string) error {
	_, err := s.execute(ctx, s.db, acceptPosting, providerID, sha256, now.UnixMilli(), item)
	if err != nil {
		return fmt.Errorf("record that a letter was accepted: %w", err)
	}
	return nil
}

// ReleasePosting gives back a claimed letter that Notify did not take, as far as
// anybody knows, to be claimed again from nextTry on. maybeSent is the first
// attempt of which that is not certain; zero: there was none.
func (s *Store) ReleasePosting(ctx context.Context, holder string, item int64, maybeSent, nextTry time.Time, reason string) error {
	_, err := s.execute(ctx, s.db, releasePosting, nextTry.UnixMilli(), optional(millis(maybeSent)), reason, item, holder)
	if err != nil {
		return fmt.Errorf("give back a claimed letter: %w", err)
	}
	return nil
}

// EndPosting records why a claimed letter is not posted: PostingRefused, and
// somebody has to look; or PostingWithdrawn, and its print is overtaken too.
func (s *Store) EndPosting(ctx context.Context, now time.Time, holder string, item int64, state PostingState, reason string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, endPosting, string(state), reason, state == PostingRefused, now.UnixMilli(), item, holder)
		ended, err := changedOne(result, err, "end it")
		if err != nil || !ended || state != PostingWithdrawn {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE print_items SET state = 'overtaken', outcome = $1 WHERE id = $2 AND state = 'printed'`, reason, item)
		return err
	})
	if err != nil {
		return fmt.Errorf("record why a letter is not posted: %w", err)
	}
	return nil
}

// NextPosting returns when a letter of the batch may be claimed; the zero time
// where none waits.
func (s *Store) NextPosting(ctx context.Context, batch int64) (time.Time, error) {
	var next sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT MIN(next_try_at) FROM postings WHERE batch = $1 AND `+postingWaits, batch).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the letters of batch %d that wait: %w", batch, explain(err))
	}
	return instant(next), nil
}

// WaitingPostings returns, by batch, how many letters wait to be handed over, and
// since when the one that has waited longest.
func (s *Store) WaitingPostings(ctx context.Context) (waiting map[int64]int, oldest time.Time, err error) {
	type waits struct {
		batch int64
		count int
		since sql.NullInt64
	}
	batches, err := collect(ctx, s, "look for letters that wait", selectWaitingPostings, nil, func(rows *sql.Rows) (w waits, err error) {
		err = rows.Scan(&w.batch, &w.count, &w.since)
		return w, err
	})
	waiting = make(map[int64]int, len(batches))
	for _, w := range batches {
		waiting[w.batch] = w.count
		if since := instant(w.since); oldest.IsZero() || since.Before(oldest) {
			oldest = since
		}
	}
	return waiting, oldest, err
}

// UnpostedBatches returns the batches made since then with letters that have no
// posting. Whether they are to have one, their options say.
func (s *Store) UnpostedBatches(ctx context.Context, since time.Time) ([]UnpostedBatch, error) {
	return collect(ctx, s, "look for letters that are to be posted", selectUnpostedBatches, []any{since.UnixMilli()}, func(rows *sql.Rows) (b UnpostedBatch, err error) {
		err = rows.Scan(&b.Number, &b.Options)
		return b, err
	})
}

// Postings returns the letters of a batch that were to be posted by Notify, in the
// order of its pages.
func (s *Store) Postings(ctx context.Context, batch int64) ([]BatchPosting, error) {
	return collect(ctx, s, fmt.Sprintf("read the posting of batch %d", batch), selectBatchPostings+"t.batch = $1 ORDER BY p.place", []any{batch}, scanBatchPosting)
}

// UnfinishedPostings returns the letters of all batches that are not posted yet,
// and those that somebody has had to look at since then.
func (s *Store) UnfinishedPostings(ctx context.Context, since time.Time) ([]BatchPosting, error) {
	return collect(ctx, s, "read the letters on their way", unfinishedPostings, []any{since.UnixMilli()}, scanBatchPosting)
}

// PostingsOf returns the postings of prints, by the print's id. Most have none.
func (s *Store) PostingsOf(ctx context.Context, items []int64) (map[int64]Posting, error) {
	if len(items) == 0 {
		return nil, nil
	}
	found, err := collect(ctx, s, "read how letters were posted", "SELECT "+postingColumns+" FROM postings t WHERE "+s.dialect.isAny("t.item", 1),
		[]any{s.dialect.numbersArgument(items)}, scanPosting)
	of := make(map[int64]Posting, len(found))
	for _, p := range found {
		of[p.Item] = p
	}
	return of, err
}

// PostingsOnTheWay returns up to limit letters that Notify has and of which more is
// to be heard, in the order in which it took them: those behind the one given, or
// the first (nil).
func (s *Store) PostingsOnTheWay(ctx context.Context, behind *Posting, limit int) ([]Posting, error) {
	if behind == nil {
		behind = &Posting{Accepted: time.UnixMilli(0)}
	}
	return collect(ctx, s, "look for letters on their way", selectOnTheWay, []any{behind.Accepted.UnixMilli(), behind.Item, limit}, scanPosting)
}

// postingColumnsGiven are what recordPostings takes of a status.
var postingColumnsGiven = rowColumns{"item BIGINT", "provider TEXT", "state TEXT", "status TEXT", "at BIGINT", "reason TEXT", "failed BIGINT"}

// RecordPostings records how letters stand at Notify. One that has ended, or that
// has another name there, stays as it is.
func (s *Store) RecordPostings(ctx context.Context, statuses []PostingStatus) error {
	if len(statuses) == 0 {
		return nil
	}
	rows := make([][]any, len(statuses))
	for i, p := range statuses {
		failed := int64(0)
		if p.Failed {
			failed = 1
		}
		rows[i] = []any{&p.Item, p.ProviderID, string(p.State), p.Status, nullable(p.At), p.Reason, &failed}
	}
	d := &s.dialect
	_, err := s.execute(ctx, s.db, fmt.Sprintf(recordPostings, postingColumnsGiven.from(d, 1)), postingColumnsGiven.arguments(d, rows)...)
	if err != nil {
		return fmt.Errorf("record how letters stand: %w", err)
	}
	return nil
}

// UntoldPostings returns the letters that somebody has to look at and of which
// operations have not been told.
func (s *Store) UntoldPostings(ctx context.Context) ([]Posting, error) {
	return collect(ctx, s, "look for letters that failed", "SELECT "+postingColumns+
		" FROM postings t WHERE t.failed = TRUE AND t.told_at IS NULL ORDER BY t.batch, t.item", nil, scanPosting)
}

// NoteTold notes that operations have been told of letters.
func (s *Store) NoteTold(ctx context.Context, now time.Time, items []int64) error {
	_, err := s.execute(ctx, s.db, "UPDATE postings SET told_at = $1 WHERE "+s.dialect.isAny("item", 2), now.UnixMilli(), s.dialect.numbersArgument(items))
	if err != nil {
		return fmt.Errorf("note that operations were told of letters: %w", err)
	}
	return nil
}
