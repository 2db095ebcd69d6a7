package casefile_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// open is an open duty for a digest, as recording its event leaves it.
type open struct {
	ref, id, ladder          string
	owner                    pathway.Role // zero: practitioner
	opened, due              string       // "2026-09-02 10:00"
	practitioner             string       // zero: W1
	manager                  string       // zero: G1
	bothRecord, laterOn, met bool
}

// opens sets the scene: the duty, and its case where it is not there yet.
func (s *scene) opens(d open) {
	s.t.Helper()
	state := pathway.Open
	if d.met {
		state = pathway.Met
	}
	practitioner, manager := cmp.Or(d.practitioner, "W1"), cmp.Or(d.manager, "G1")
	if len(s.behind.Lines(`SELECT 1 FROM cases WHERE ref = $1`, d.ref)) == 0 {
		s.behind.Insert("cases", map[string]any{"ref": d.ref, "team": "East", "now_pathway": "csc", "now_practitioner": practitioner, "now_manager": manager})
		s.behind.Insert("cases_overdue", map[string]any{"practitioner": practitioner, "case_ref": d.ref, "overdue_from": 0})
	}
	s.behind.Insert("duties", map[string]any{"case_ref": d.ref, "duty": d.id, "opening": "e" + d.opened, "pathway": "csc", "version": "1", "attempt": 1,
		"owner": string(cmp.Or(d.owner, pathway.Practitioner)), "ladder": d.ladder, "basis": "guidance", "opened_at": s.at(d.opened).UnixMilli(), "recorded_at": s.at(d.opened).UnixMilli(),
		"due_at": s.at(d.due).UnixMilli(), "later_than": d.laterOn, "both_record": d.bothRecord, "state": string(state), "why": "because"})
}

// digest counts somebody's digest and returns it as text, a section a line.
func (s *scene) digest(person, when string) []string {
	s.t.Helper()
	return s.digestAt(person, s.at(when))
}

func (s *scene) digestAt(person string, now time.Time) (lines []string) {
	s.t.Helper()
	d, err := casefile.Digest(s.t.Context(), s.Store, s.rules, nil, person, now)
	if err != nil {
		s.t.Fatalf("the digest of %s at %s: %v", person, now, err)
	}
	all, err := casefile.ReadDigests(s.t.Context(), s.Store, s.rules, nil, now)
	if err != nil {
		s.t.Fatal(err)
	}
	if among := all.Of(person); !reflect.DeepEqual(d, among) {
		s.t.Errorf("by itself the digest of %s at %s is %+v, want it as it goes out with all others: %+v", person, now, d, among)
	}
	for _, section := range d.Sections {
		var cases []string
		for _, l := range section.Lines {
			text := strings.TrimSpace(l.CaseRef + " " + l.Note + noted(&l))
			if l.Urgent {
				text += "!"
			}
			if l.New && !d.Since.IsZero() {
				text += " (new)"
			}
			cases = append(cases, text)
		}
		lines = append(lines, string(section.ID)+": "+strings.Join(cases, ", "))
	}
	for _, team := range d.Teams {
		text := fmt.Sprintf("%s: %d overdue, %d today, %d coming", team.Team, team.Overdue, team.DueToday, team.Coming)
		if !team.Oldest.IsZero() {
			text += ", longest " + team.OldestOf + " since " + team.Oldest.In(s.rules.Calendar.Location()).Format("2 January 15:04")
		}
		lines = append(lines, text)
	}
	return lines
}

func TestDigestListsWhatIsOverdueAndWhatComes(t *testing.T) {
	s := newTeam(t)
	// A Friday; Monday 31 August 2026 is a bank holiday.
	for ref, due := range map[string]string{
		"LATE-1":  "2026-08-25 17:00",
		"LATE-2":  "2026-08-27 17:00",
		"TODAY-1": "2026-08-28 17:00",
		"OPEN-1":  "2026-08-30 17:00", // Sunday
		"SOON-1":  "2026-09-01 17:00", // first working day ahead
		"SOON-3":  "2026-09-03 17:00", // third
		"FAR":     "2026-09-04 17:00",
	} {
		s.opens(open{ref: ref, id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: due})
	}
	s.opens(open{ref: "LATE-3", id: "discuss", ladder: "urgent", opened: "2026-08-26 10:00", due: "2026-08-27 18:00"})
	s.opens(open{ref: "OPEN-2", id: "discuss", ladder: "urgent", opened: "2026-08-27 07:00", due: "2026-09-01 07:00"})
	s.opens(open{ref: "OTHER", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00", manager: "G2"})
	s.opens(open{ref: "MET", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00", met: true})

	same(t, "the manager's", s.digest("G1", "2026-08-28 08:00"),
		"overdue: LATE-1, LATE-3!, LATE-2", // of those since the 27th the urgent one first
		"due-today: TODAY-1",
		"before-open: OPEN-1, OPEN-2!",
		"coming: SOON-1, SOON-3")
	same(t, "the service manager's", s.digest("V1", "2026-08-28 08:00"),
		"East: 4 overdue, 1 today, 4 coming, longest LATE-1 since 25 August 17:00")
}

// noted says what a line has besides its duty.
func noted(l *notify.DigestLine) string {
	switch {
	case l.Absence != nil:
		return fmt.Sprintf("until %s, %d duties, %s covers", l.Absence.Until.UTC().Format("2 Jan 15:04"), l.Absence.Duties, l.Absence.Cover)
	case l.Undelivered != nil:
		return fmt.Sprintf("%s to %s: %s, instead %v", l.Undelivered.Channel, l.Undelivered.Person, l.Undelivered.Reason, l.Undelivered.Instead)
	}
	return ""
}

func TestEmptyDigestIsEmpty(t *testing.T) {
	s := newTeam(t)
	same(t, "sections", s.digest("G1", "2026-08-28 08:00"))
	same(t, "the service manager's", s.digest("V1", "2026-08-28 08:00"), "East: 0 overdue, 0 today, 0 coming")
	_, err := casefile.Digest(t.Context(), s.Store, s.rules, nil, "X9", s.at("2026-08-28 08:00"))
	if pathway.ProblemOf(err) != pathway.NotFound {
		t.Errorf("of somebody unknown: got %v, want %v", err, "a problem: not found")
	}
}

func TestDigestShowsWhatStandsOut(t *testing.T) {
	s := newTeam(t)
	s.behind.Do(`UPDATE people SET away_from = $1, away_until = $2, cover = 'W1' WHERE id = 'W2'`,
		s.at("2026-09-01 00:00").UnixMilli(), s.at("2026-09-14 00:00").UnixMilli())
	s.opens(open{ref: "AWAY-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-10-01 17:00", practitioner: "W2"})
	s.opens(open{ref: "AWAY-2", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-10-01 17:00", practitioner: "W2"})
	s.opens(open{ref: "CAP-1", id: "see", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-18 17:00", laterOn: true})
	s.behind.Do(`INSERT INTO flags (case_ref, id, event, duty, text, raised_at) VALUES
			('CAP-1', 'later-than-cap', 'e1', 'see', 'asked for Wed 30 September', $1),
			('CAP-1', 'cancelled', 'e2', '', 'three visits in a row cancelled', $1),
			('CAP-1', 'cancelled', 'e3', '', 'long ago', 0)`, s.at("2026-09-01 10:00").UnixMilli())
	for _, owner := range []string{"practitioner", "manager"} {
		s.opens(open{ref: "BOTH-1", id: "record-" + owner, ladder: "routine", owner: pathway.Role(owner), opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true})
	}
	s.opens(open{ref: "BOTH-2", id: "record-p", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true, met: true})
	s.opens(open{ref: "BOTH-2", id: "record-m", ladder: "routine", owner: "manager", opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true})

	same(t, "the manager's", s.digest("G1", "2026-09-02 08:00"),
		"due-today: BOTH-1, BOTH-1, BOTH-2",
		"beyond-cap: CAP-1 asked for Wed 30 September",
		"away: until 13 Sep 23:00, 2 duties, W1 covers",
		"flags: CAP-1 three visits in a row cancelled")
}

// TestADateBeyondTheCapStandsWithItsDutyOnce: where the digest lists the duty anyway, it
// is not listed a second time.
func TestADateBeyondTheCapStandsWithItsDutyOnce(t *testing.T) {
	s := newTeam(t)
	s.opens(open{ref: "CAP-1", id: "see", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-03 17:00", laterOn: true})
	s.behind.Do(`INSERT INTO flags (case_ref, id, event, duty, text, raised_at) VALUES ('CAP-1', 'later-than-cap', 'e1', 'see', 'asked for Wed 30 September', $1)`,
		s.at("2026-09-01 10:00").UnixMilli())
	same(t, "the manager's", s.digest("G1", "2026-09-02 08:00"), "coming: CAP-1 asked for Wed 30 September")
}

// hadDigest sets the scene: somebody's digest was taken into the ledger.
func (s *scene) hadDigest(person, when string) {
	s.t.Helper()
	at := s.at(when)
	_, err := s.QueueMessages(s.t.Context(), nil, at, []store.Message{{Key: store.DigestKey(person, s.rules.Calendar.DateOf(at)),
		Kind: "digest", Person: person, Channel: "email", NextTry: at}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestDigestSaysWhatIsNewSinceTheLastOne: what opened, fell due or moved since. What
// stood in the same place before is not new, whoever else had a digest meanwhile.
func TestDigestSaysWhatIsNewSinceTheLastOne(t *testing.T) {
	s := newTeam(t)
	for ref, due := range map[string]string{
		"A-LATE":       "2026-09-01 17:00",
		"B-FELL-DUE":   "2026-09-03 17:00", // was due on the day of the last digest
		"C-TODAY":      "2026-09-04 17:00", // was to come
		"D-COMES":      "2026-09-08 17:00",
		"E-CAME-NEAR":  "2026-09-09 17:00", // was too far ahead
		"F-BY-WEEKEND": "2026-09-05 17:00",
	} {
		s.opens(open{ref: ref, id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: due})
	}
	s.opens(open{ref: "G-OPENED", id: "see", ladder: "routine", opened: "2026-09-03 08:01", due: "2026-09-07 17:00"})
	s.opens(open{ref: "H-MOVED", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-09-07 17:00"})
	s.behind.Do(`UPDATE duties SET moved_at = $1 WHERE case_ref = 'H-MOVED'`, s.at("2026-09-03 12:00").UnixMilli())
	s.hadDigest("G1", "2026-09-02 08:00")
	s.hadDigest("G1", "2026-09-03 08:00")
	s.hadDigest("G2", "2026-09-03 16:00")
	s.hadDigest("G1", "2026-09-04 08:00") // the one that is put together: it is not its own last one
	same(t, "on Friday", s.digest("G1", "2026-09-04 08:00"),
		"overdue: A-LATE, B-FELL-DUE (new)",
		"due-today: C-TODAY (new)",
		"before-open: F-BY-WEEKEND (new)",
		"coming: G-OPENED (new), H-MOVED (new), D-COMES, E-CAME-NEAR (new)")
}

func TestAwayManagersDigestGoesToCover(t *testing.T) {
	s := newTeam(t)
	s.behind.Do(`UPDATE people SET away_from = $1 WHERE id = 'G1'`, s.at("2026-09-01 00:00").UnixMilli())
	s.opens(open{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
	same(t, "cover's", s.digest("G2", "2026-09-02 08:00"), "overdue: KN-1")
	all, err := casefile.ReadDigests(t.Context(), s.Store, s.rules, nil, s.at("2026-09-02 08:00"))
	if err != nil {
		t.Fatal(err)
	}
	var readers []string
	for _, p := range all.Recipients() {
		readers = append(readers, p.ID)
	}
	same(t, "who gets one", readers, "G2", "V1")
}

func TestGoneManagersDutiesAreReadByTheManagerAbove(t *testing.T) {
	s := newTeam(t)
	s.behind.Do(`UPDATE people SET active_until = $1 WHERE id = 'G1'`, s.at("2026-09-01 00:00").UnixMilli())
	s.opens(open{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
	same(t, "the service manager's", s.digest("V1", "2026-09-02 08:00"),
		"overdue: KN-1", "East: 1 overdue, 0 today, 0 coming, longest KN-1 since 25 August 17:00")
}

// TestWhatNoManagerReadsTheDutyAddressDoes: the cases of a manager who has gone, as has
// whoever was above them, and those of none; marked so, and named by UnreadManagers.
func TestWhatNoManagerReadsTheDutyAddressDoes(t *testing.T) {
	s := newTeam(t)
	now := s.at("2026-09-02 08:00")
	team := func(name string) *pathway.Person {
		return &pathway.Person{ID: strings.TrimSuffix("duty:"+name, ":"), Email: "duty@example.org"}
	}
	readers := func() (ids []string) {
		all, err := casefile.ReadDigests(t.Context(), s.Store, s.rules, team, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all.Recipients() {
			ids = append(ids, p.ID)
		}
		return ids
	}
	s.opens(open{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
	same(t, "who gets one while all are here", readers(), "G1", "G2", "V1")
	s.behind.Do(`UPDATE people SET active_until = $1 WHERE id IN ('G1', 'V1')`, s.at("2026-09-01 00:00").UnixMilli())
	same(t, "who gets one once G1 and V1 have gone", readers(), "G2", "duty:East")
	d, err := casefile.Digest(t.Context(), s.Store, s.rules, team, "duty:East", now)
	if err != nil || !d.Desk || d.Count(notify.Overdue) != 1 || len(d.Teams) != 0 {
		t.Errorf("the duty address reads %+v (%v), want KN-1 overdue, and that it is for the duty address", d, err)
	}
	unread, err := casefile.UnreadManagers(t.Context(), s.Store, now)
	if want := []casefile.UnreadManager{{Manager: "G1", Cases: 1}}; err != nil || !slices.Equal(unread, want) {
		t.Errorf("nobody reads for %v (%v), want %v", unread, err, want)
	}
	if _, err := casefile.Digest(t.Context(), s.Store, s.rules, team, "G1", now); err == nil || !strings.Contains(err.Error(), "duty:East, who reads theirs") {
		t.Errorf("asking for G1's says %v, want who reads it", err)
	}
	s.behind.Do(`UPDATE cases SET now_manager = ''`)
	same(t, "who gets one where a case has no manager", readers(), "G2", "duty")
}

// TestTheDigestOfAManagerWhoIsNotThereSaysWhoReadsIt: one that is empty would say that
// nothing is due on cases that somebody else looks after, or nobody.
func TestTheDigestOfAManagerWhoIsNotThereSaysWhoReadsIt(t *testing.T) {
	for _, tt := range []struct{ story, change, want string }{
		{"away", `UPDATE people SET away_from = $1 WHERE id = 'G1'`, "G1 is away: ask for the digest of G2, who reads theirs"},
		{"gone", `UPDATE people SET active_until = $1 WHERE id = 'G1'`, "G1 does not work here now: ask for the digest of V1, who reads theirs"},
		{"gone, and all above too", `UPDATE people SET active_until = $1 WHERE id IN ('G1', 'V1')`, "G1 does not work here now, and nobody reads their digest: give their cases to another manager"},
	} {
		s := newTeam(t)
		s.behind.Do(tt.change, s.at("2026-09-01 00:00").UnixMilli())
		s.opens(open{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
		d, err := casefile.Digest(t.Context(), s.Store, s.rules, nil, "G1", s.at("2026-09-02 08:00"))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %+v, %v; want no digest and %q", tt.story, d, err, tt.want)
		}
	}
}

func TestDigestOfTheWeekendIsNotCountedOnMonday(t *testing.T) {
	s := newTeam(t)
	s.opens(open{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-09-07 08:00"})
	same(t, "on Friday", s.digest("G1", "2026-09-04 08:00"), "before-open: KN-1")
	same(t, "on Monday at eight", s.digest("G1", "2026-09-07 08:00"), "due-today: KN-1")
	same(t, "a moment later", s.digestAt("G1", s.at("2026-09-07 08:00").Add(time.Millisecond)), "overdue: KN-1")
}

func TestUndeliveredReminderStandsInTheDigestUntilItsDutyIsMet(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.tells("2026-09-02 10:30", "discuss-with-manager", reminder("W1", pathway.ChannelEmail, pathway.Sent))
	s.delivers("2026-09-02 10:31", pathway.ChannelEmail, "the mailbox does not exist")
	undelivered := func(when string) (lines []string) {
		for _, line := range s.digest("G1", when) {
			if strings.HasPrefix(line, string(notify.Undelivered)+": ") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	same(t, "while it is open", undelivered("2026-09-02 14:00"), "undelivered: KN-7 email to W1: the mailbox does not exist, instead []")
	s.happens("x2", pathway.KindDiscussedWithManager, "2026-09-02 15:00", "")
	same(t, "once it is met", undelivered("2026-09-02 16:00"))
}

// TestDigestSaysHowUrgentACaseIs: what the manager was last told of it, until the child is
// seen.
func TestDigestSaysHowUrgentACaseIs(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	said := func(when string) string {
		d, err := casefile.Digest(t.Context(), s.Store, s.rules, nil, "G1", s.at(when))
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range d.Sections {
			for _, l := range section.Lines {
				if l.Discussed != nil {
					return l.Discussed.Concern + " " + l.Discussed.SeenByOthers
				}
			}
		}
		return ""
	}
	if got := said("2026-09-02 12:00"); got != "" {
		t.Errorf("before it is discussed: %q, want nothing", got)
	}
	s.happens("x2", pathway.KindDiscussedWithManager, "2026-09-02 15:00", "seen-by-others=no;concern=high")
	if got := said("2026-09-03 08:00"); got != "high no" {
		t.Errorf("once it is discussed: %q, want concern high, seen by no others", got)
	}
}

// TestDigestListsVisitsOnClosedCasesUntilTheyAreReopened: however long ago they were.
func TestDigestListsVisitsOnClosedCasesUntilTheyAreReopened(t *testing.T) {
	s := newTeam(t)
	for ref, closed := range map[string]bool{"SHUT": true, "OPEN": false} {
		s.behind.Insert("cases", map[string]any{"ref": ref, "team": "East", "now_pathway": "csc", "now_practitioner": "W1", "now_manager": "G1", "closed": closed})
		for _, visit := range []string{"v1", "v2"} {
			s.behind.Insert("flags", map[string]any{"case_ref": ref, "id": pathway.FlagVisitAfterClosing, "event": visit, "text": "reopen it", "raised_at": s.at("2026-03-02 10:00").UnixMilli()})
		}
	}
	same(t, "the manager's", s.digest("G1", "2026-08-28 08:00"), "closed: SHUT reopen it")
	d, err := casefile.Digest(t.Context(), s.Store, s.rules, nil, "G1", s.at("2026-08-28 08:00"))
	if err != nil || !d.HasNews() {
		t.Errorf("a digest with nothing but a visit on a closed case is not sent (error %v), want it sent", err)
	}
}
