package casefile_test

import (
	"fmt"
	"slices"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// desk is who is phoned when nobody else can be.
var desk = &pathway.Person{ID: "duty", Mobile: "+447700900199"}

// sheet is the call sheet as lines: which message, who has had it, whom to phone.
func (s *scene) sheet(when string) (lines []string) {
	s.t.Helper()
	sheet, err := casefile.CallSheet(s.t.Context(), s.Store, s.rules, desk, nil, casefile.Concerning{}, s.at(when))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range sheet.Lines {
		l := &sheet.Lines[i]
		line := fmt.Sprintf("%s %s to %s, heard=%v, phone", l.Duty, l.Channel, l.Person, l.Heard())
		for _, c := range l.Phone {
			line += " " + c.Person
		}
		lines = append(lines, line)
	}
	return lines
}

// failing is a case with a reminder to W1 that failed.
func failing(t testing.TB) *scene {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.tells("2026-09-02 10:30", "discuss-with-manager", reminder("W1", pathway.ChannelEmail, pathway.Sent))
	s.delivers("2026-09-02 10:31", pathway.ChannelEmail, "the mailbox does not exist")
	return s
}

// TestNothingIsDeliveredThatNobodyHasWritten: a visit was recorded, and no scan has come.
func TestNothingIsDeliveredThatNobodyHasWritten(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	sheet, err := casefile.CallSheet(t.Context(), s.Store, s.rules, nil, nil, casefile.Concerning{}, s.at("2026-09-02 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if !sheet.Unsaid || sheet.AllDelivered() {
		t.Errorf("before any scan the sheet says %+v, want that reminders are still to be written", sheet)
	}
}

// TestNothingIsDeliveredThatIsSentToNobody: with messages written into the outbox the sheet
// says so, as readiness does, and not that all has arrived.
func TestNothingIsDeliveredThatIsSentToNobody(t *testing.T) {
	s := newScene(t)
	at := s.at("2026-01-05 10:00") // nothing has come due
	for _, c := range []struct {
		ways casefile.Ways
		all  bool
		says []casefile.Nowhere
	}{
		{nil, true, nil},
		{casefile.Ways{pathway.ChannelEmail: ""}, true, nil},
		{casefile.Ways{pathway.ChannelSMS: casefile.InOutbox}, false, []casefile.Nowhere{{Channel: pathway.ChannelSMS, Why: casefile.InOutbox}}},
	} {
		sheet, err := casefile.CallSheet(t.Context(), s.Store, s.rules, nil, c.ways, casefile.Concerning{}, at)
		if err != nil {
			t.Fatal(err)
		}
		if sheet.AllDelivered() != c.all || !slices.Equal(sheet.Nowhere, c.says) {
			t.Errorf("with ways %q all is delivered: %v, and %v leave nowhere; want %v and %v", c.ways, sheet.AllDelivered(), sheet.Nowhere, c.all, c.says)
		}
	}
}

// TestNothingIsDeliveredThatIsToGoLater: a provider has asked for less, and the message
// that it turned away is not to be tried before a minute has passed.
func TestNothingIsDeliveredThatIsToGoLater(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.tells("2026-09-02 10:30", "discuss-with-manager", reminder("W1", pathway.ChannelEmail, pathway.Sent))
	s.behind.Do(`UPDATE duties SET next_rung_at = NULL`)
	s.behind.Do(`UPDATE messages SET next_try_at = $1`, s.at("2026-09-02 10:32").UnixMilli())
	sheet, err := casefile.CallSheet(t.Context(), s.Store, s.rules, nil, nil, casefile.Concerning{}, s.at("2026-09-02 10:31"))
	if err != nil {
		t.Fatal(err)
	}
	if sheet.AllDelivered() || sheet.OnTheWay != 1 {
		t.Errorf("while a message is to go in a minute the sheet says %+v, want that one is on the way", sheet)
	}
}

func TestWhoIsAwayIsNotPhonedAndTheirCoverIs(t *testing.T) {
	s := failing(t)
	same(t, "while all are there", s.sheet("2026-09-02 11:00"), "discuss-with-manager email to W1, heard=false, phone W1 W2 G1 G2 V1 duty")
	s.behind.Do(`UPDATE people SET away_from = $1 WHERE id IN ('W1', 'G1')`, s.at("2026-09-02 00:00").UnixMilli())
	same(t, "while W1 and G1 are away", s.sheet("2026-09-02 11:00"), "discuss-with-manager email to W1, heard=false, phone W2 G2 V1 duty")
	s.behind.Do(`UPDATE people SET active_until = $1 WHERE id = 'W2'`, s.at("2026-09-02 00:00").UnixMilli())
	same(t, "once W2 has gone as well", s.sheet("2026-09-02 11:00"), "discuss-with-manager email to W1, heard=false, phone G2 V1 duty")
}

// TestDeadNumberIsNotPhoned, while one that wants no texts any more still rings.
func TestDeadNumberIsNotPhoned(t *testing.T) {
	s := failing(t)
	for person, fault := range map[string]string{"W1": "address", "G1": "opted-out"} {
		number := map[string]string{"W1": "+447700900101", "G1": "+447700900111"}[person]
		if err := s.DisableAddress(t.Context(), s.at("2026-09-02 10:31"), store.DisabledAddress{Channel: pathway.ChannelSMS, Address: number, Fault: fault, Person: person}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "with W1's number dead", s.sheet("2026-09-02 11:00"), "discuss-with-manager email to W1, heard=false, phone W2 G1 G2 V1 duty")
}

// TestWhatNobodyHasHeardComesFirst: a reminder that was sent by the other channel as
// well has been heard.
func TestWhatNobodyHasHeardComesFirst(t *testing.T) {
	s := failing(t)
	s.tells("2026-09-02 10:40", "set-timeframe", reminder("G1", pathway.ChannelEmail, pathway.Sent), reminder("G1", pathway.ChannelSMS, pathway.Sent))
	s.delivers("2026-09-02 10:41", pathway.ChannelEmail, "the mailbox is full")
	const w1 = "discuss-with-manager email to W1, heard=false, phone W1 W2 G1 G2 V1 duty"
	const email, text = "set-timeframe email to G1, heard=false, phone G1 G2 W1 V1 duty", "set-timeframe sms to G1, heard=false, phone G1 G2 W1 V1 duty"
	same(t, "while the text is on its way", s.sheet("2026-09-02 10:44"), w1, email)
	same(t, "once the text should have gone", s.sheet("2026-09-02 11:00"), w1, email, text)
	s.delivers("2026-09-02 11:01", pathway.ChannelSMS, "")
	s.tells("2026-09-02 11:02", "discuss-with-manager", reminder("W1", pathway.ChannelSMS, pathway.Sent))
	s.delivers("2026-09-02 11:03", pathway.ChannelSMS, "")
	sheet := s.sheet("2026-09-02 12:00")
	same(t, "once the texts are sent", sheet,
		"discuss-with-manager email to W1, heard=true, phone W1 W2 G1 G2 V1 duty",
		"set-timeframe email to G1, heard=true, phone G1 G2 W1 V1 duty")
	s.tells("2026-09-02 12:30", "record-manager", reminder("V1", pathway.ChannelEmail, pathway.Sent))
	s.delivers("2026-09-02 12:31", pathway.ChannelEmail, "the mailbox is full")
	if sheet = s.sheet("2026-09-02 13:00"); len(sheet) != 3 || sheet[0] != "record-manager email to V1, heard=false, phone V1 W1 G1 G2 duty" {
		t.Errorf("the sheet is %q, want first what nobody has heard, although it is due last", sheet)
	}
}

func TestAddressesAreUsedAgain(t *testing.T) {
	s := newScene(t)
	if err := s.DisableAddress(t.Context(), s.at("2026-09-02 10:31"), store.DisabledAddress{Channel: pathway.ChannelEmail, Address: "w1@example.org", Fault: "address", Person: "W1"}); err != nil {
		t.Fatal(err)
	}
	again, err := casefile.UseAgain(t.Context(), s.Store, "W1")
	if err != nil || len(again) != 1 || again[0].Address != "w1@example.org" {
		t.Errorf("got %+v (error %v), want the address of W1", again, err)
	}
	if again, err = casefile.UseAgain(t.Context(), s.Store, "W1"); pathway.ProblemOf(err) != pathway.Refused || len(again) != 0 {
		t.Errorf("a second time: got %+v, error %v; want a refusal: it is in use", again, err)
	}
}

// TestWhatSomebodyKnowsByNowNobodyNeedsToBePhonedFor: said after the message had failed,
// until it is undone.
func TestWhatSomebodyKnowsByNowNobodyNeedsToBePhonedFor(t *testing.T) {
	s := failing(t)
	const line = "discuss-with-manager email to W1, heard=%v, phone W1 W2 G1 G2 V1 duty"
	same(t, "before", s.sheet("2026-09-02 11:00"), fmt.Sprintf(line, false))
	says := func(id, when, kind, value, reason string) {
		s.takesIn(when, nil, nil, pathway.Event{ID: id, Case: "KN-7", Kind: kind, At: s.at(when), By: "G1", ByRole: pathway.Manager, Value: value, Reason: reason})
	}
	says("other", "2026-09-02 11:05", pathway.KindAcknowledged, "record-manager", "")
	same(t, "with another duty known", s.sheet("2026-09-02 11:10"), fmt.Sprintf(line, false))
	says("told", "2026-09-02 11:15", pathway.KindAcknowledged, "discuss-with-manager", "told by phone")
	same(t, "once told", s.sheet("2026-09-02 11:20"), fmt.Sprintf(line, true))
	says("undo", "2026-09-02 11:25", pathway.KindVoided, "told", "another family")
	same(t, "once that is undone", s.sheet("2026-09-02 11:30"), fmt.Sprintf(line, false))
}
