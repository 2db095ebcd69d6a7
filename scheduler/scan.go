package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	dutiesInBatch = 400 // of a scan, at most

	// hold is how long a message is kept back while its scan goes on: later batches
	// may have more to add. The end of the scan lets it go, and this does where there
	// is none. What is urgent waits less.
	hold       = 10 * time.Minute
	holdUrgent = time.Minute

	// decideAgain is when a duty is looked at again that could not be decided.
	decideAgain = 15 * time.Minute
)

// What a scan counts (Observer.RunEnded, and the record of a run).
const (
	CountDue       = "due"       // duties whose rung had come
	CountMessages  = "messages"  // messages written
	CountReminders = "reminders" // reminders in them
	CountMerged    = "merged"    // missed rungs that a more serious one stands for
	CountPostponed = "postponed" // duties that wait for the office to open
	CountUntold    = "untold"    // rungs for which nobody could be told
)

// Scanner writes the reminders that have become due into the ledger.
type Scanner struct {
	store     *store.Store
	rules     *pathway.Rules
	dutyDesk  func(team string) *pathway.Person
	clock     Clock
	log       *slog.Logger
	batchSize int // duties in one transaction
	// textsADay is how many routine texts a person gets in a day; 0: any number.
	textsADay int
	// acknowledgementLasts is for how long somebody who has acknowledged a duty is not
	// told of it again.
	acknowledgementLasts time.Duration
	// wrote is called with what each batch has written, once that is kept, and with what
	// it would have if an earlier message had not said it ahead of its time.
	wrote func(due []store.DueDuty, reminders []store.Reminder)
	// toldVisit is called with each time that somebody was told of a visit to another of
	// a household, or was not, once that is kept.
	toldVisit func(store.VisitTold)
}

// NewScanner returns a scanner. dutyDesk returns the duty address of a team: who
// is told when nobody else is left.
func NewScanner(s *store.Store, rules *pathway.Rules, dutyDesk func(team string) *pathway.Person, clock Clock) *Scanner {
	return &Scanner{store: s, rules: rules, dutyDesk: dutyDesk, clock: clock, log: slog.New(slog.DiscardHandler), batchSize: dutiesInBatch}
}

// Scan looks at every duty whose next rung has come by now and writes who is
// told of it, and who is not and why. Each batch is one transaction that also
// takes its duties further up their ladders, so that a scan can break off
// anywhere and another go on; a second one at the same time, or later, finds
// nothing left to do. run is the lease to confirm with each batch; nil: none.
//
// It returns what it counted also where it fails. A duty that cannot be decided holds
// up no other: it is looked at again later, and the scan has failed all the same.
func (s *Scanner) Scan(ctx context.Context, run *store.Run, now time.Time) (counts map[string]int, err error) {
	counts = map[string]int{CountDue: 0, CountMessages: 0}
	if due, err := s.store.AnyDue(ctx, now); err != nil || !due {
		return counts, err
	}
	scan := &scan{
		Scanner: s,
		now:     now,
		began:   s.clock.Now(),
		people:  newDirectory(s.dutyDesk),
		groups:  map[reader]begun{},
		held:    map[string]bool{},
		visits:  map[visitReader]bool{},
	}
	defer func() { err = errors.Join(errors.Join(scan.faults...), err, scan.release(ctx)) }()
	for {
		b := &batch{}
		due, err := s.store.ScanBatch(ctx, run, now, s.batchSize, func(data *store.ScanBatch) error {
			*b = batch{scan: scan, data: data, counts: map[string]int{}, groups: map[reader]begun{}}
			return b.decide()
		})
		if err != nil {
			return counts, err
		}
		if due > 0 {
			b.keep(counts)
		}
		if due < s.batchSize {
			return counts, nil
		}
	}
}

// scan is what one scan carries from batch to batch.
type scan struct {
	*Scanner
	now    time.Time
	began  time.Time
	people *directory
	groups map[reader]begun
	held   map[string]bool // the keys of messages that are kept back
	visits map[visitReader]bool
	faults []error // what kept duties from being decided: the first few
}

// reader is who gets a message of a scan, and how: all that is urgent in one, all
// that is not in another.
type reader struct {
	person, channel string
	urgent          bool
}

// begun is the message for a reader that takes in what else there is for them.
type begun struct {
	key   string
	lines int // that it has
}

// mostLines is how many reminders one message has at most. Nobody reads as many; a message
// without an end would take the memory of the machine, and no mail server would have it.
const mostLines = 200

// visitReader is who is told at once what one event has opened that is urgent. What else
// it opened is said in the same message.
type visitReader struct{ ref, opening, person, channel string }

// heldFor is how long a reader's message is kept back.
func (r reader) heldFor() time.Duration {
	if r.urgent {
		return holdUrgent
	}
	return hold
}

// batch is what one transaction decides. It is kept only once that is committed.
type batch struct {
	scan    *scan
	data    *store.ScanBatch
	counts  map[string]int
	groups  map[reader]begun
	holding bool
	texts   map[string]int   // routine texts of today, by person; only those near the limit matter
	inTime  int              // how many of data.Reminders are not said ahead of their time
	ahead   []store.Reminder // whose time has come, and which an earlier message has said
	faults  []error
}

func (b *batch) decide() error {
	s := b.scan
	// A full batch may not be the last.
	b.holding = len(b.data.Due) >= s.batchSize || len(s.held) > 0
	var ids []string
	for i := range b.data.Due {
		who := &b.data.Due[i].Allocation
		ids = append(ids, who.Practitioner, who.Manager, who.Chair)
	}
	if err := s.people.load(ids, b.data.People); err != nil {
		return fmt.Errorf("read the people to be told: %w", err)
	}
	if err := b.countTexts(); err != nil {
		return fmt.Errorf("count the texts of today: %w", err)
	}
	acknowledgements, err := b.acknowledgements()
	if err != nil {
		return fmt.Errorf("read acknowledgements: %w", err)
	}
	decided := make([]climbed, len(b.data.Due))
	for i := range b.data.Due {
		d := &b.data.Due[i]
		d.Allocation = s.rules.Concerned(&d.Duty, d.Allocation, s.people.People)
		ladder := s.rules.Ladder(d.Ladder)
		var c climbed
		err := safely(s.log, "deciding a duty", func() error {
			if ladder == nil {
				return fmt.Errorf("there is no ladder %q and no routine one: add it to the configuration", d.Ladder)
			}
			c = decide(ladder, d, s.rules.Calendar, &s.people.Directory, s.now, knowing{b.data.Said, func(person string) bool {
				return acknowledged(acknowledgements[d.ID], person, time.Time{}, s.now, s.acknowledgementLasts)
			}})
			return nil
		})
		if err != nil {
			b.faults = append(b.faults, fmt.Errorf("case %s, duty %s: %w", d.Case, d.Duty.ID, err))
			b.data.Climbed = append(b.data.Climbed, store.Climbed{Duty: d.ID, Progress: d.Climbed, Next: s.now.Add(decideAgain)})
			continue
		}
		b.data.Climbed = append(b.data.Climbed, store.Climbed{Duty: d.ID, Progress: c.progress, Next: c.next})
		b.count(&c)
		decided[i] = c
		b.noteVisits(ladder, d, c.decisions)
	}
	messages := map[string]int{} // index in data.Messages by key
	for i := range decided {
		d := &b.data.Due[i]
		for _, decision := range decided[i].decisions {
			b.write(s.rules.Ladder(d.Ladder), d, decision, messages)
		}
	}
	b.inTime = len(b.data.Reminders)
	if err := b.sayAhead(decided, messages); err != nil {
		return fmt.Errorf("look for what else a visit has opened: %w", err)
	}
	return nil
}

// noteVisits notes who is told at once what an event has opened that is urgent.
func (b *batch) noteVisits(ladder *pathway.Ladder, d *store.DueDuty, decisions []decision) {
	for i := range decisions {
		c := &decisions[i]
		if ladder.Urgent() && c.rung.Moment == pathway.AtStart && c.telling.Reason == pathway.Sent && !b.data.Said[keyOfRung(d, &c.rung, &c.telling)] {
			b.scan.visits[visitOf(d, c)] = true
		}
	}
}

func visitOf(d *store.DueDuty, c *decision) visitReader {
	return visitReader{d.Case, d.Opening, c.telling.Person.ID, c.telling.Channel}
}

// isUrgent reports whether a decision is part of an urgent message: its own is, or it is
// the start of what the same event opened beside what is, and can be named there. A text
// has no room for that, and one about several things cannot be answered with DONE.
func (b *batch) isUrgent(ladder *pathway.Ladder, d *store.DueDuty, c *decision) bool {
	return ladder.Urgent() || c.rung.Moment == pathway.AtStart && c.telling.Channel == pathway.ChannelEmail && b.scan.visits[visitOf(d, c)]
}

// acknowledgements returns who has acknowledged the duties that may be said again: those
// that have been told of before and are overdue.
func (b *batch) acknowledgements() (map[int64][]store.Acknowledgement, error) {
	var overdue []int64
	for i := range b.data.Due {
		if d := &b.data.Due[i]; b.scan.now.After(d.Due) && !d.Climbed.Through.IsZero() {
			overdue = append(overdue, d.ID)
		}
	}
	if len(overdue) == 0 || b.scan.acknowledgementLasts == 0 {
		return nil, nil
	}
	return b.data.Acknowledgements(overdue)
}

func (b *batch) count(c *climbed) {
	b.counts[CountDue]++
	if c.postponed {
		b.counts[CountPostponed]++
		return
	}
	told, merged := false, 0
	for _, d := range c.decisions {
		told = told || d.telling.Reason == pathway.Sent || d.telling.Reason == pathway.Recorder
		merged = max(merged, d.standsFor)
	}
	b.counts[CountMerged] += merged
	if !told {
		b.counts[CountUntold]++
	}
}

// write adds a decision to the ledger, and to a message where it is to be sent.
func (b *batch) write(ladder *pathway.Ladder, d *store.DueDuty, c decision, messages map[string]int) {
	urgent := b.isUrgent(ladder, d, &c)
	if !urgent {
		b.spareTexts(&c.telling)
	}
	key := keyOfRung(d, &c.rung, &c.telling)
	reminder := store.Reminder{
		ReminderKey: key,
		Role:        c.telling.Role,
		Reason:      c.telling.Reason,
		Instead:     c.telling.Instead,
		MergedInto:  c.mergedInto,
		StandsFor:   c.standsFor,
	}
	if b.data.Said[key] {
		if c.rung.Moment == pathway.AtStart && reminder.Reason == pathway.Sent {
			b.ahead = append(b.ahead, reminder)
		}
		return
	}
	if c.telling.Reason == pathway.Sent {
		reminder.Message = b.message(ladder, &c, key, urgent, messages)
		b.counts[CountReminders]++
	}
	b.data.Reminders = append(b.data.Reminders, reminder)
}

// message returns the key of the message that carries a reminder: the one that its
// reader gets of this scan.
func (b *batch) message(ladder *pathway.Ladder, c *decision, reminder store.ReminderKey, urgent bool, messages map[string]int) string {
	r := reader{reminder.Person, reminder.Channel, urgent}
	key, begun := b.group(r, reminder)
	serious := ladder.SeverityAt(c.rung.RungRule)
	nextTry := b.scan.now
	if b.holding {
		nextTry = nextTry.Add(r.heldFor())
	}
	if i, found := messages[key]; found {
		m := &b.data.Messages[i]
		m.Severity = min(m.Severity, serious)
		return key
	}
	messages[key] = len(b.data.Messages)
	b.data.Messages = append(b.data.Messages, store.Message{
		Key:      key,
		Kind:     string(notify.KindReminder),
		Person:   reminder.Person,
		Channel:  reminder.Channel,
		Address:  addressOf(c.telling.Person, reminder.Channel),
		Severity: serious,
		NextTry:  nextTry,
	})
	if !begun {
		b.counts[CountMessages]++
	}
	return key
}

// group returns the key of a reader's message, and whether an earlier batch has begun
// it. One that is begun here has the key of its first reminder.
func (b *batch) group(r reader, first store.ReminderKey) (key string, before bool) {
	g, here := b.groups[r]
	if !here {
		// That of an earlier batch may be let go any time.
		if g, before = b.scan.groups[r]; b.scan.clock.Now().Sub(b.scan.began) > r.heldFor()/2 {
			before = false
		}
	}
	if !here && !before || g.lines >= mostLines {
		g, before = begun{key: messageKey("reminders", first)}, false
	}
	g.lines++
	b.groups[r] = g
	return g.key, before
}

// keep takes over what a batch has decided, now that it is written.
func (b *batch) keep(counts map[string]int) {
	for name, n := range b.counts {
		counts[name] += n
	}
	b.scan.faults = append(b.scan.faults, b.faults[:min(len(b.faults), max(0, mostFaults-len(b.scan.faults)))]...)
	for r, g := range b.groups {
		b.scan.groups[r] = g
	}
	if b.holding {
		for i := range b.data.Messages {
			b.scan.held[b.data.Messages[i].Key] = true
		}
	}
	if b.scan.wrote != nil {
		b.scan.wrote(b.data.Due, slices.Concat(b.data.Reminders[:b.inTime], b.ahead))
	}
}

func (s *scan) release(ctx context.Context) error {
	if len(s.held) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	keys := make([]string, 0, len(s.held))
	for key := range s.held {
		keys = append(keys, key)
	}
	return s.store.ReleaseMessages(ctx, s.now, keys)
}

func addressOf(p *pathway.Person, channel string) string {
	if channel == pathway.ChannelSMS {
		return p.Mobile
	}
	return p.Email
}
