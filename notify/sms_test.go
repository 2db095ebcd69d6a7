package notify

import (
	"strings"
	"testing"
)

func TestTextFitsOneMessage(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		r, err := c.Compose(s.now, asSMS(s.message))
		if err != nil {
			t.Fatal(err)
		}
		if n := gsmLen(r.SMS); n > smsLength || n == 0 {
			t.Errorf("%s takes %d places, want 1 to %d: %s", s.name, n, smsLength, r.SMS)
		}
	}
}

func TestTooLongATextLosesLinkThenTitleAndNeverDueTimeOrCase(t *testing.T) {
	long := "See the child again at home, and write down what was seen, what was not seen, and why that was so, and "
	tests := []struct {
		story string
		title string
		ref   string
		link  bool
		whole bool // the title is not cut
		fits  bool
	}{
		{"short", "See the child again", "KN-1", true, true, true},
		{"too long with the link", long, "KN-1", false, true, true},
		{"too long without it", long + long, "KN-1", false, false, true},
		{"characters that take two places", strings.Repeat("{", 100), "KN-1", false, false, true},
		{"a reference longer than a text", "See the child again", strings.Repeat("KN-1", 45), false, false, false},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			r := seeAgain()
			r.Title, r.CaseRef = test.title, test.ref
			sms := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", r))).SMS
			if !strings.Contains(sms, "tomorrow 17:00") || !strings.Contains(sms, test.ref) {
				t.Errorf("the due time or the case reference is missing: %s", sms)
			}
			if got := strings.Contains(sms, "https://"); got != test.link {
				t.Errorf("link: %t, want %t: %s", got, test.link, sms)
			}
			if got := strings.Contains(sms, strings.TrimSpace(inline(test.title))); got != test.whole {
				t.Errorf("whole title: %t, want %t: %s", got, test.whole, sms)
			}
			if n := gsmLen(sms); (n <= smsLength) != test.fits {
				t.Errorf("the text takes %d places, fitting into one: want %t", n, test.fits)
			}
		})
	}
}

func TestTextHasOnlyGSMCharacters(t *testing.T) {
	r := seeAgain()
	r.Title = "Visit — “Zoë’s” crêche… at Łódź Road 日本 €5"
	sms := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", r))).SMS
	if want := `visit - "Zoe's" creche... at ?odz Road ?? €5, KN-1`; !strings.Contains(sms, want) {
		t.Errorf("the text is %q, want it to have %q", sms, want)
	}
	for _, c := range sms {
		if !strings.ContainsRune(gsmBasic+gsmExtended, c) {
			t.Errorf("%q is not in the GSM alphabet: %s", c, sms)
		}
	}
}

func TestGroupedTextNamesTheFirstAndCountsTheRest(t *testing.T) {
	got := compose(t, "2026-09-07 08:30", asSMS(reminderEmail("k", secondContact(), seeAgain(), liaise()))).SMS
	want := "Due tomorrow 17:00: see the child again, KN-1. 3 to do in all. https://doorstep.example/cases/KN-1"
	if got != want {
		t.Errorf("the text is\n%s, want\n%s", got, want)
	}
}
