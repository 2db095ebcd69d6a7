package notify

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// texts are all the texts that Doorstep sends, with reply codes where there is
// something to answer to.
func texts() []sample {
	now := at("2026-09-07 08:30")
	done := seeAgain()
	done.CanDone = true
	several := reminderEmail("several", secondContact(), done, liaise())
	all := []sample{
		{"reminder, may be done by text", now, reminderEmail("done", done)},
		{"reminder, may not", now, reminderEmail("not-done", discuss())},
		{"several reminders", now, several},
	}
	for i := range all {
		all[i].message.ReplyCode = "4F7KP"
	}
	all = append(all, samples()...)
	for _, says := range alerts {
		a := alert(Alert{Says: says, Channel: ByEmail, Reason: "535 5.7.3 the password is refused.", Since: at("2026-09-06 22:10"), Waiting: 1})
		switch says {
		case AlertPhoneFamily:
			a.Alert.CaseRef = "KN-1"
		case AlertClosedCase:
			a.Alert.Cases = []string{"KN-1"}
		case AlertOpened:
			a.Alert.CaseRef, a.Alert.By = "KN-1", "W3"
		case AlertMoved:
			a.Alert.CaseRef, a.Alert.Cases, a.Alert.People = "KN-1", []string{"KN-1", "KN-2"}, []string{"W1", "W2"}
		case AlertHouseholdVisit:
			a.Alert.Visited, a.Alert.Cases = []string{"KN-2"}, []string{"KN-1"}
		}
		all = append(all, sample{"alert: " + says, now, a})
	}
	for _, says := range answers {
		all = append(all, sample{"answer: " + says, now, answer(Answer{Says: says, Code: "4F7KP", CaseRef: "KN-1", Title: "See the child again"})})
	}
	return all
}

func TestTextsAreAsAgreed(t *testing.T) {
	c := newComposer(t)
	var got strings.Builder
	for _, s := range texts() {
		r, err := c.Compose(s.now, asSMS(s.message))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if r.Segments != 1 || r.SMS == "" {
			t.Errorf("%s is %d segments, want 1: %s", s.name, r.Segments, r.SMS)
		}
		fmt.Fprintf(&got, "%s\n\t%s\n", s.name, r.SMS)
	}
	path := filepath.Join("testdata", "texts.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Errorf("%s:%d is no longer as agreed (-update writes it anew):\n%s\nwant\n%s", path, i+1, gotLines[i], wantLines[i])
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Errorf("%s: %d lines, want %d (-update writes it anew)", path, len(gotLines), len(wantLines))
	}
}

func TestTooLongATextLosesLinkThenTitleThenOwnerAndNeverDueTimeOrCase(t *testing.T) {
	long := "See the child again at home, and write down what was seen, what was not seen, and why that was so, and "
	tests := []struct {
		story    string
		title    string
		ref      string
		owner    string
		link     bool
		whole    bool // the title is not cut
		named    bool // the owner is
		segments int
	}{
		{"short", "See the child again", "KN-1", "W1", true, true, true, 1},
		{"too long with the link", long, "KN-1", "W1", false, true, true, 1},
		{"too long without it", long + long, "KN-1", "W1", false, false, true, 1},
		{"characters that take two places", strings.Repeat("{", 100), "KN-1", "W1", false, false, true, 1},
		{"a long staff id goes before what to do", "See the child again", "KN-1", strings.Repeat("W", 100), false, true, false, 1},
		{"the longest reference", long, strings.Repeat("K", longestReference), strings.Repeat("W", 100), false, false, false, 1},
		{"a reference longer than a text", "See the child again", strings.Repeat("KN-1", 45), "W1", false, false, false, 2},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			r := seeAgain()
			r.Title, r.CaseRef, r.OwnerID, r.Role = test.title, test.ref, test.owner, "manager"
			m := asSMS(reminderEmail("k", r))
			m.ReplyCode, m.Staff = "4F7KP", nil
			rendered := compose(t, "2026-09-07 08:30", m)
			sms := rendered.SMS
			for _, must := range []string{"tomorrow 17:00", test.ref, "Reply ACK 4F7KP"} {
				if !strings.Contains(sms, must) {
					t.Errorf("%q is missing: %s", must, sms)
				}
			}
			if got := strings.Contains(sms, "https://"); got != test.link {
				t.Errorf("link: %t, want %t: %s", got, test.link, sms)
			}
			if got := strings.Contains(sms, strings.TrimSpace(inline(test.title))); got != test.whole {
				t.Errorf("whole title: %t, want %t: %s", got, test.whole, sms)
			}
			if got := strings.Contains(sms, "for "+test.owner); got != test.named {
				t.Errorf("owner: %t, want %t: %s", got, test.named, sms)
			}
			if rendered.Segments != test.segments {
				t.Errorf("the text takes %d segments, want %d: %s", rendered.Segments, test.segments, sms)
			}
		})
	}
}

func TestATextKeepsAsMuchOfItsTitleAsFits(t *testing.T) {
	r := seeAgain()
	r.Title = strings.Repeat("x", 400)
	sms := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", r))).SMS
	if n := gsmLen(sms); n != onePlaces {
		t.Errorf("the text takes %d places, want all %d: %s", n, onePlaces, sms)
	}
}

func TestAWordingFileMayAllowMoreSegments(t *testing.T) {
	r := seeAgain()
	r.Title = strings.Repeat("See the child again ", 40)
	for allowed, places := range map[int]int{1: 160, 2: 306, 3: 459} {
		wording := shippedWording(t, map[string]string{"own.tmpl": fmt.Sprintf(`{{define "sms-segments"}}%d{{end}}`, allowed)})
		c, err := NewComposer(wording, testSettings)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Compose(at("2026-09-07 08:30"), asSMS(reminderEmail("k", r)))
		if err != nil {
			t.Fatal(err)
		}
		if n := gsmLen(got.SMS); got.Segments != allowed || n > places || n < places-2 {
			t.Errorf("with %d allowed the text takes %d segments and %d places, want about %d", allowed, got.Segments, n, places)
		}
	}
}

func TestSegmentsAreCountedAsTheyArePaidFor(t *testing.T) {
	tests := []struct {
		story string
		text  string
		want  int
	}{
		{"nothing", "", 1},
		{"a full one", strings.Repeat("x", 160), 1},
		{"one more", strings.Repeat("x", 161), 2},
		{"characters of two places", strings.Repeat("€", 80), 1},
		{"one too many of them", strings.Repeat("€", 80) + "x", 2},
		{"two full ones", strings.Repeat("x", 306), 2},
		{"three", strings.Repeat("x", 307), 3},
		{"a character of two places does not come apart", strings.Repeat("x", 152) + "€" + strings.Repeat("x", 152), 3},
	}
	for _, test := range tests {
		if got := segments(test.text); got != test.want {
			t.Errorf("%s: %d segments, want %d", test.story, got, test.want)
		}
	}
}

func TestTextHasOnlyGSMCharacters(t *testing.T) {
	for title, want := range map[string]string{
		"Visit — “Zoë’s” crêche… at Łódź Road 日本 €5": `visit - "Zoe's" creche... at Lodz Road ?? €5, KN-1`,
		"Visit\u00a0again\u2009now":                  "visit again now, KN-1",
		"Visit cafe\u0301, decomposed":               "visit café, decomposed, KN-1",
		"Visit ½ hour, №5, ﬁnd ™":                    "visit 1/2 hour, No5, find TM, KN-1",
		"Visit 👍🏽 \u200bagain":                       "visit ?? again, KN-1",
		"Visit `now`":                                "visit 'now', KN-1",
		"Ymweld â'r plentyn, ŵ ŷ":                    "ymweld a'r plentyn, w y, KN-1",
	} {
		r := seeAgain()
		r.Title = title
		if sms := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", r))).SMS; !strings.Contains(sms, want) {
			t.Errorf("the text is %q, want it to have %q", sms, want)
		}
	}
}

// anyText draws from what people type, what word processors make of it, and the
// rest of Unicode.
func anyText(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		r := rapid.OneOf(rapid.RuneFrom([]rune("abc XYZ 0123456789-/&.,:'")), rapid.RuneFrom([]rune("—–‘’“”…\u00a0•éêŵŁß€{}[]~^|\\👍日½")), rapid.Rune())
		return string(rapid.SliceOfN(r, 0, most).Draw(t, "text"))
	})
}

// TestEveryReminderTextFitsAndSaysWhatItMust: whatever comes in, a text is one
// segment of the GSM alphabet with when, which case and how to answer.
func TestEveryReminderTextFitsAndSaysWhatItMust(t *testing.T) {
	c := newComposer(t)
	now := at("2026-09-07 08:30")
	rapid.Check(t, func(t *rapid.T) {
		m := Message{Key: rapid.String().Draw(t, "key") + "k", Kind: KindReminder, Channel: BySMS}
		m.ReplyCode = ReplyCode(testSettings.Origin, "W1", m.Key)
		for range rapid.IntRange(1, 12).Draw(t, "reminders") {
			ref := []rune("K" + anyText(longestReference).Draw(t, "reference"))
			for gsmLen(gsm(string(ref))) > longestReference {
				ref = ref[:len(ref)-1]
			}
			urgency := rapid.IntRange(0, 2).Draw(t, "urgency")
			m.Reminders = append(m.Reminders, Reminder{
				CaseRef: string(ref), Title: "See " + anyText(300).Draw(t, "title"), OwnerID: anyText(80).Draw(t, "owner"),
				Urgent: urgency > 0, Immediate: urgency > 1,
				Rung: rapid.SampledFrom([]string{"start", "before-1wd", "due", "after-2wd"}).Draw(t, "rung"),
				Role: rapid.SampledFrom([]string{"practitioner", "manager"}).Draw(t, "role"), OwnerRole: "practitioner",
				Due:     now.Add(time.Duration(rapid.IntRange(-600*24*60, 600*24*60).Draw(t, "due")) * time.Minute),
				CanDone: rapid.Bool().Draw(t, "can be done"),
			})
		}
		r, err := c.Compose(now, m)
		if err != nil {
			t.Fatal(err)
		}
		for _, character := range r.SMS {
			if !inGSM(character) {
				t.Fatalf("%q is not in the GSM alphabet: %s", character, r.SMS)
			}
		}
		if n := gsmLen(r.SMS); n > onePlaces || r.Segments != 1 {
			t.Fatalf("the text takes %d places and %d segments, want at most %d and 1: %s", n, r.Segments, onePlaces, r.SMS)
		}
		reminders := m.cleaned().Reminders
		first := slices.MinFunc(reminders, func(a, b Reminder) int {
			return cmp.Or(a.seriousness()-b.seriousness(), a.Due.Compare(b.Due), strings.Compare(a.CaseRef, b.CaseRef))
		})
		answer := "Reply ACK " + m.ReplyCode
		if len(reminders) == 1 && first.CanDone {
			answer = "Reply DONE " + m.ReplyCode
		}
		for _, must := range []string{first.Due.In(london).Format("15:04"), gsm(strings.Join(strings.Fields(first.CaseRef), " ")), answer} {
			if !strings.Contains(r.SMS, must) {
				t.Fatalf("%q is missing: %s", must, r.SMS)
			}
		}
	})
}

func TestAReminderByEmailHasNoReplyCode(t *testing.T) {
	m := reminderEmail("k", seeAgain())
	m.ReplyCode = "4F7KP"
	r := compose(t, "2026-09-07 08:30", m)
	if all := r.Subject + r.Text + r.HTML + r.ICS; strings.Contains(all, "4F7KP") {
		t.Errorf("the email says how to answer by text:\n%s", all)
	}
}

// TestGroupedTextNamesTheFirstAndTheOtherCases, as many as there is room for.
func TestGroupedTextNamesTheFirstAndTheOtherCases(t *testing.T) {
	got := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", secondContact(), seeAgain(), liaise()))).SMS
	want := "Due tomorrow 17:00: see the child again, KN-1. 3 to do in all; also SW-3, SW-12. https://doorstep.example/cases/KN-1"
	if got != want {
		t.Errorf("the text is\n%s, want\n%s", got, want)
	}
	many := []Reminder{seeAgain()}
	for n := range 40 {
		r := seeAgain()
		r.CaseRef = fmt.Sprint("KN-", 100+n)
		many = append(many, r)
	}
	got = compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", many...))).SMS
	if want = "Due tomorrow 17:00: see the child again, KN-1. 41 to do in all."; got != want {
		t.Errorf("with no room for the others the text is\n%s, want\n%s", got, want)
	}
}
