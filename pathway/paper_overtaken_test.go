package pathway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhatOvertakesAnItem(t *testing.T) {
	for _, test := range []struct {
		name, since string
		change      func(*Case)
		want        string
	}{
		{"nothing", "", nil, ""},
		{"a visit booked by phone", "b visit-booked 14 12:00 booked=21T10:00", nil, ""},
		{"seen before posting", "s seen 15 10:00", nil, "seen"},
		{"another visit", "s no-access 15 10:00", nil, "another visit"},
		{"voided", "v voided 15 10:00 value=e", nil, "voided"},
		{"voided and put back", "v voided 15 10:00 value=e\nw voided 16 10:00 value=v", nil, ""},
		{"seen, which was recorded in error", "s seen 15 10:00\nv voided 16 10:00 value=s", nil, ""},
		{"a second record of the visit", "f not-seen 14 10:00", nil, ""},
		{"card left", "c card-left 14 10:10 value=rearrange", nil, "left a card"},
		{"card left, which was recorded in error", "c card-left 14 10:10 value=rearrange\nv voided 14 11:00 value=c", nil, ""},
		{"closed", "x closed 15 10:00", nil, "closed"},
		{"closed and reopened", "x closed 15 10:00\nr reopened 16 10:00", nil, ""},
		{"closed on the case itself", "", func(c *Case) { c.Closed = clock(t, organisation(t), "2026-09-15 10:00") }, "closed"},
		{"unsafe now", "", func(c *Case) { c.SafeToWrite = false }, "unsafe"},
	} {
		t.Run(test.name, func(t *testing.T) {
			events := paperStory(t, "e no-access 14 10:00")
			item := dueItem(t, sampleCase(t, nil), events, "e")
			if test.since != "" {
				events = append(events, paperStory(t, test.since)...)
			}
			got := item.Overtaken(sampleCase(t, test.change), events)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("overtaken: %q, want %q", got, test.want)
			}
		})
	}
}

func TestRevisitCardIsOvertakenWhenItsVisitIsCalledOff(t *testing.T) {
	for since, want := range map[string]string{
		"c cancelled-by-family 15 10:00":          "the family has called off the visit that it announces",
		"c declined 15 10:00 value=service":       "the family has called off the visit that it announces",
		"c visit-booked 15 10:00 booked=28T10:00": "",
	} {
		events := paperStory(t, "b visit-booked 08 10:00 booked=21T10:00\ne no-access 14 10:00")
		item := dueItem(t, sampleCase(t, nil), events, "e")
		if got := item.Overtaken(sampleCase(t, nil), append(events, paperStory(t, since)...)); got != want {
			t.Errorf("%s: overtaken: %q, want %q", since, got, want)
		}
	}
}

func TestWhatOvertakesALetter(t *testing.T) {
	for _, test := range []struct{ name, since, want string }{
		{"nothing", "", ""},
		{"the booking of what was offered", "b visit-booked 08 12:00 booked=14T10:00", ""},
		{"another date", "b appointment-offered 08 12:00 booked=15T10:00", "another appointment"},
		{"cancelled", "x cancelled-by-family 08 12:00", "cancelled"},
		{"declined", "x declined 08 12:00 value=service", "declined"},
		{"a treatment declined", "x declined 08 12:00 value=treatment", ""},
		{"the same time at home", "b visit-booked 08 12:00 booked=14T10:00 place=home", ""},
		{"the same time elsewhere", "b visit-booked 08 12:00 booked=14T10:00 place=eastcott", "another appointment"},
		{"a letter came back", "r letter-returned 10 12:00", "came back"},
		{"said to be unsafe", "r safe-to-write 10 12:00 value=no", "unsafe"},
	} {
		events := paperStory(t, "e appointment-offered 08 10:00 booked=14T10:00")
		item := dueItem(t, sampleCase(t, nil), events, "e")
		if test.since != "" {
			events = append(events, paperStory(t, test.since)...)
		}
		got := item.Overtaken(sampleCase(t, nil), events)
		if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: overtaken: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnItemPassesWithTheDateItNames(t *testing.T) {
	item := dueItem(t, sampleCase(t, nil), paperStory(t, "e appointment-offered 08 10:00 booked=14T10:00"), "e")
	if item.Passed(clock(t, organisation(t), "2026-09-14 10:00")) || !item.Passed(clock(t, organisation(t), "2026-09-14 10:01")) {
		t.Error("a letter for 14 September, 10:00, must pass just after that")
	}
	undated := dueItem(t, sampleCase(t, nil), paperStory(t, "e no-access 14 10:00"), "e")
	if undated.Passed(clock(t, organisation(t), "2027-09-14 10:00")) {
		t.Error("a card without a date passes")
	}
}

func TestWhatIsPulledIsStillInTheOffice(t *testing.T) {
	const seen = "s seen 15 10:00\n"
	for _, test := range []struct{ name, since, want string }{
		{"nothing has happened", "", ""},
		{"seen since", seen, "the child has been seen since"},
		{"seen, after a letter had gone", "l letter-sent 14 13:00\n" + seen, ""},
		{"seen, after a card was taken along", "c card-left 14 13:00 value=rearrange\n" + seen, ""},
		{"what had gone was recorded before it was printed", "l letter-sent 14 11:00\n" + seen, "the child has been seen since"},
		{"that it had gone was recorded in error", "c card-left 14 13:00 value=rearrange\nv voided 14 14:00 value=c\n" + seen, "the child has been seen since"},
		{"that it had gone was put back", "c card-left 14 13:00 value=rearrange\nv voided 14 14:00 value=c\nw voided 14 15:00 value=v\n" + seen, ""},
	} {
		events := paperStory(t, "e no-access 14 10:00")
		item := dueItem(t, sampleCase(t, nil), events, "e")
		events = append(events, paperStory(t, test.since)...)
		if got := item.ToBePulled(sampleCase(t, nil), events, clock(t, organisation(t), "2026-09-14 12:00")); got != test.want {
			t.Errorf("%s: pulled because %q, want %q", test.name, got, test.want)
		}
	}
}

func TestLetterThatWasSentByHand(t *testing.T) {
	for story, want := range map[string]bool{
		"": false, "l letter-sent 14 11:00": false, "l letter-sent 14 13:00": true,
		"l letter-sent 14 13:00\nv voided 14 14:00 value=l":                              false,
		"l letter-sent 14 13:00\nv voided 14 14:00 value=l\nw voided 14 15:00 value=v":   true,
		"l letter-sent 14 13:00\nv voided 14 14:00 value=l\nm letter-sent 14 15:00":      true,
		"l letter-sent 14 11:00 recorded=14T13:00\nc card-left 14 15:00 value=rearrange": true,
	} {
		if got := LetterSentSince(paperStory(t, story), clock(t, organisation(t), "2026-09-14 12:00")); got != want {
			t.Errorf("after %q a letter was sent: %v, want %v", story, got, want)
		}
	}
}

func TestWhatBecomesOfWhatWaits(t *testing.T) {
	const visit, offer = "e no-access 14 10:00", "e appointment-offered 14 10:00 booked=21T10:00"
	for _, test := range []struct{ name, before, since, now, want string }{
		{"nothing has happened", visit, "", "15 10:00", "card rearrange"},
		{"a visit was booked", visit, "b visit-booked 14 12:00 booked=21T10:00", "15 10:00", "card revisit"},
		{"another computer's clock is ahead", visit, "b visit-booked 15 10:01 booked=21T10:00", "15 10:00", "card revisit"},
		{"a card was left", visit, "c card-left 14 12:00 value=rearrange", "15 10:00", "phone rearrange"},
		{"seen", visit, "s seen 14 12:00", "15 10:00", "overtaken: the child has been seen since"},
		{"born", visit, "b born 14 12:00", "15 10:00", "overtaken: the child has been born since"},
		{"voided", visit, "v voided 14 12:00 value=e", "15 10:00", "overtaken: the record it was for was voided"},
		{"voided and put back", visit, "v voided 14 12:00 value=e\nw voided 14 13:00 value=v", "15 10:00", "card rearrange"},
		{"moved to where nothing is printed", visit, "m pathway-changed 14 09:00 value=csc-plan", "15 10:00", "overtaken: nothing is called for any more"},
		{"an appointment that is over", "e appointment-offered 14 10:00 booked=16T10:00", "", "16 10:00", "overtaken: the appointment is over"},
		{"the family cancelled", offer, "c cancelled-by-family 14 12:00", "15 10:00", "overtaken: the family has cancelled since"},
		{"another appointment was offered", offer, "o appointment-offered 14 12:00 booked=22T10:00", "15 10:00", "overtaken: another appointment has been made since"},
		{"the same appointment again", offer, "o visit-booked 14 12:00 booked=21T10:00", "15 10:00", "letter appointment"},
		{"not brought, and another appointment since", "e not-brought 14 10:00", "b visit-booked 14 12:00 booked=21T10:00", "15 10:00", "letter missed"},
	} {
		events := paperStory(t, test.before)
		item := dueItem(t, sampleCase(t, nil), events, "e")
		events = append(events, paperStory(t, test.since)...)
		still, why, err := shippedTables.StillDue(paperRules(t), sampleCase(t, nil), events, item, clock(t, organisation(t), "2026-09-"+test.now))
		got := "overtaken: " + why
		if still != nil {
			got = still.Kind + " " + still.Variant
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
	gone := &PaperItem{Kind: PaperCard, Event: "z"}
	if _, why, err := shippedTables.StillDue(paperRules(t), sampleCase(t, nil), paperStory(t, visit), gone, time.Now()); err != nil || why != "the record it was for is gone" {
		t.Errorf("an event that is gone: %q, %v", why, err)
	}
}

// TestWhatOvertakesAnItemBeforeAnInstant: what is recorded at it or later is left aside,
// a closing date on the case too.
func TestWhatOvertakesAnItemBeforeAnInstant(t *testing.T) {
	at := func(hour string) time.Time { return clock(t, organisation(t), "2026-09-14 "+hour) }
	seen := "e no-access 14 10:00\ns seen 14 15:00"
	for _, test := range []struct{ name, story, closed, before, want string }{
		{"seen before", seen, "", "17:00", "the child has been seen since"},
		{"seen at it", seen, "", "15:00", ""},
		{"seen later", seen, "", "14:59", ""},
		{"closed before", "e no-access 14 10:00", "12:00", "17:00", "the case was closed"},
		{"closed later", "e no-access 14 10:00", "18:00", "17:00", ""},
		{"the visit is recorded later", seen, "", "09:00", ""},
	} {
		events := paperStory(t, test.story)
		item := dueItem(t, sampleCase(t, nil), events, "e")
		c := sampleCase(t, func(c *Case) {
			if test.closed != "" {
				c.Closed = at(test.closed)
			}
		})
		if got := item.OvertakenBefore(c, events, at(test.before)); got != test.want {
			t.Errorf("%s: overtaken before %s: %q, want %q", test.name, test.before, got, test.want)
		}
	}
}

// paperHistories draws events that call for paper and what overtakes it, voids too.
func paperHistories(t testing.TB) *rapid.Generator[[]Event] {
	kinds := []string{KindNoAccess, KindNotSeen, KindNotBrought, KindSeen, KindAppointmentOffered, KindVisitBooked, KindCardLeft,
		KindCancelledByFamily, KindVulnerabilityAnswered, KindClosed, KindReopened, KindVoided}
	cal := organisation(t)
	return rapid.Custom(func(t *rapid.T) []Event {
		events := histories(cal).Draw(t, "events")
		for i := range events {
			e := &events[i]
			if e.Kind == KindVoided {
				continue
			}
			e.Kind, e.Due = rapid.SampledFrom(kinds[:len(kinds)-1]).Draw(t, "kind"), time.Time{}
			switch e.Kind {
			case KindAppointmentOffered, KindVisitBooked:
				e.Booked = e.Recorded.AddDate(0, 0, rapid.IntRange(0, 9).Draw(t, "booked"))
			case KindVulnerabilityAnswered:
				e.Value = "no"
			}
		}
		return events
	})
}

// TestPaperHasItsProperties: what is called for depends neither on the order of
// the events nor on what was recorded later, and what is called for in the end is
// what was called for at first and is not overtaken.
func TestPaperHasItsProperties(t *testing.T) {
	rules, histories := paperRules(t), paperHistories(t)
	c := sampleCase(t, func(c *Case) { c.Opened = c.Opened.AddDate(-1, 0, 0) })
	rapid.Check(t, func(t *rapid.T) {
		events := histories.Draw(t, "history")
		shuffled := rapid.Permutation(slices.Clone(events)).Draw(t, "order")
		var stand []PaperItem
		for i := range events {
			items, err := shippedTables.Due(rules, c, events, &events[i])
			if err != nil {
				t.Fatal(err)
			}
			again, err := shippedTables.Due(rules, c, shuffled, &events[i])
			if err != nil || !slices.Equal(items, again) {
				t.Fatalf("in another order event %s calls for %v (%v), want %v", events[i].ID, again, err, items)
			}
			earlier := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Recorded.After(events[i].Recorded) })
			if before, err := shippedTables.Due(rules, c, earlier, &events[i]); err != nil || !slices.Equal(items, before) {
				t.Fatalf("without what was recorded later event %s calls for %v (%v), want %v", events[i].ID, before, err, items)
			}
			call := PaperItem{Kind: PaperPhone, Event: events[i].ID}
			if call.Overtaken(c, events) == "" {
				stand = append(stand, items...)
			}
		}
		if all, err := shippedTables.CalledFor(rules, c, events, events); err != nil || !slices.Equal(all, stand) {
			t.Fatalf("recorded together they call for %v (%v), want %v", all, err, stand)
		}
	})
}

// BenchmarkPaperOfOneCase: what a large import of one case calls for takes as long
// as its events are many, because nearly all of it is overtaken.
func BenchmarkPaperOfOneCase(b *testing.B) {
	rules, c := paperRules(b), sampleCase(b, nil)
	for _, n := range []int{3_000, 30_000} {
		events := make([]Event, n)
		for i := range events {
			at := c.Opened.Add(time.Duration(i) * time.Minute)
			events[i] = Event{ID: fmt.Sprint("e", i), Kind: []string{KindNoAccess, KindAppointmentOffered, KindSeen}[i%3], At: at, Recorded: at}
		}
		events[0] = Event{ID: "v", Kind: KindVoided, At: c.Opened, Recorded: c.Opened, Value: "e1"}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if items, err := shippedTables.CalledFor(rules, c, events, events); err != nil || len(items) > 2 {
					b.Fatalf("%d items are called for, %v", len(items), err)
				}
			}
		})
	}
}
