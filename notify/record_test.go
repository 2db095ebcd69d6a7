package notify

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// recordingIn is a composer where things are recorded elsewhere than on the pages.
func recordingIn(t *testing.T, publicURL, system, link string) *Composer {
	t.Helper()
	settings := testSettings
	settings.PublicURL, settings.RecordSystem, settings.RecordLink = publicURL, system, link
	c, err := NewComposer(os.DirFS("../configs/wording/messages"), settings)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// linksOf are the links of an HTML part with their words.
func linksOf(t *testing.T, page string) (links []string) {
	t.Helper()
	for n := range parsed(t, page).Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			links = append(links, textOf(n)+" "+attribute(n, "href"))
		}
	}
	return links
}

// TestEveryReminderSaysWhatToDoNextAndWhere: in the record system by its name, or else on
// the case's page; where there is neither, in words, and no button leads nowhere.
func TestEveryReminderSaysWhatToDoNextAndWhere(t *testing.T) {
	const pages, link = "https://doorstep.example", "https://mosaic.example/open?case={ref}"
	told := seeAgain()
	told.Role = "manager"
	answered := seeAgain()
	answered.AnswerPage = "do/see-child-again"
	visit, visitToo := seeAgain(), seeAgain()
	visit.AnswerPage, visitToo.AnswerPage = "record", "record"
	odd := seeAgain()
	odd.CaseRef = "KN/1 a&b"
	for story, test := range map[string]struct {
		c         *Composer
		reminders []Reminder
		says      string
		links     []string
		sms       string
	}{
		"on the case's page": {recordingIn(t, pages, "", ""), []Reminder{seeAgain()}, "When it is done, record it on the case's page: reminders stop then.",
			[]string{"Open the case https://doorstep.example/cases/KN-1"}, "KN-1. Record it: https://doorstep.example/cases/KN-1"},
		"on the page of one's own duty": {recordingIn(t, pages, "", ""), []Reminder{answered}, "When it is done, record it on the case's page: reminders stop then.",
			[]string{"Open the case https://doorstep.example/cases/KN-1", "Say that it is done https://doorstep.example/cases/KN-1/do/see-child-again"}, "KN-1. Record it: https://doorstep.example/cases/KN-1"},
		"on the page of a visit, once a case": {recordingIn(t, pages, "", ""), []Reminder{visit, visitToo}, "When one is done, record it on its case's page: reminders of it stop then.",
			[]string{"Open KN-1 https://doorstep.example/cases/KN-1", "Record the visit https://doorstep.example/cases/KN-1/record"}, "https://doorstep.example/cases/KN-1"},
		"one's own duty, in the record system": {recordingIn(t, pages, "Mosaic", ""), []Reminder{answered}, "record it in Mosaic",
			[]string{"Open the case https://doorstep.example/cases/KN-1"}, "KN-1. Record it in Mosaic: https://doorstep.example/cases/KN-1"},
		"in the record system": {recordingIn(t, pages, "Mosaic", link), []Reminder{seeAgain()}, "When it is done, record it in Mosaic: reminders stop then.",
			[]string{"Open the case https://doorstep.example/cases/KN-1", "Open the case in Mosaic https://mosaic.example/open?case=KN-1"}, "KN-1. Record it in Mosaic: https://doorstep.example/cases/KN-1"},
		"in a record system that has no links": {recordingIn(t, pages, "Mosaic", ""), []Reminder{seeAgain()}, "record it in Mosaic",
			[]string{"Open the case https://doorstep.example/cases/KN-1"}, "KN-1. Record it in Mosaic: https://doorstep.example/cases/KN-1"},
		"in a record system, without pages": {recordingIn(t, "", "Mosaic", link), []Reminder{odd}, "record it in Mosaic",
			[]string{"Open the case in Mosaic https://mosaic.example/open?case=KN%2F1%20a%26b"}, "KN/1 a&b. Record it in Mosaic: https://mosaic.example/open?case=KN%2F1%20a%26b"},
		"nothing is configured": {recordingIn(t, "", "", ""), []Reminder{seeAgain()}, "When it is done, record it in your record system: reminders stop then.",
			nil, "KN-1. Record it in your record system."},
		"somebody else's": {recordingIn(t, pages, "Mosaic", ""), []Reminder{told}, "Whoever does it records it in Mosaic: reminders stop then.",
			[]string{"Open the case https://doorstep.example/cases/KN-1"}, "KN-1, for W1. https://doorstep.example/cases/KN-1"},
		"several": {recordingIn(t, pages, "", ""), []Reminder{seeAgain(), secondContact()}, "When one is done, record it on its case's page: reminders of it stop then.",
			[]string{"Open KN-1 https://doorstep.example/cases/KN-1", "Open SW-12 https://doorstep.example/cases/SW-12"}, "also SW-12. https://doorstep.example/cases/KN-1"},
		"several of one's own, in the record system": {recordingIn(t, "", "Mosaic", ""), []Reminder{seeAgain(), secondContact()}, "When one is done, record it in Mosaic: reminders of it stop then.",
			nil, "also SW-12. Record each in Mosaic."},
		"several, some of them others'": {recordingIn(t, pages, "Mosaic", ""), []Reminder{told, secondContact()}, "Whoever does one records it in Mosaic: reminders of it stop then.",
			[]string{"Open KN-1 https://doorstep.example/cases/KN-1", "Open SW-12 https://doorstep.example/cases/SW-12"}, "also SW-12. https://doorstep.example/cases/KN-1"},
	} {
		m := reminderEmail("k", test.reminders...)
		m.Staff = nil
		r, err := test.c.Compose(at("2026-09-07 08:30"), m)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(r.Text), " ")
		if page := strings.Join(strings.Fields(textOf(parsed(t, r.HTML))), " "); strings.Count(text, test.says) != 1 || strings.Count(page, test.says) != 1 {
			t.Errorf("%s: the email does not say %q once:\n%s\n%s", story, test.says, text, page)
		}
		if got := linksOf(t, r.HTML); !slices.Equal(got, test.links) {
			t.Errorf("%s: the links are %q, want %q", story, got, test.links)
		}
		for _, l := range test.links {
			words, address, _ := strings.Cut(l, " https")
			if want := words + ": https" + address; !strings.Contains(text+" ", want+" ") || !strings.Contains(r.Text, "https"+address+"\n") {
				t.Errorf("%s: the text has no %q with the address in one piece:\n%s", story, want, r.Text)
			}
		}
		r, err = test.c.Compose(at("2026-09-07 08:30"), asSMS(m))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(r.SMS, test.sms) {
			t.Errorf("%s: the text is %q, want %q at its end", story, r.SMS, test.sms)
		}
	}
}

// TestEveryTextHasRoomForTheLongestName: the wording is tried with it at the start.
func TestEveryTextHasRoomForTheLongestName(t *testing.T) {
	for _, pages := range []string{"", "https://doorstep.example"} {
		recordingIn(t, pages, strings.Repeat("M", LongestSystemName), "https://mosaic.example/{ref}")
	}
}

// TestAnAlertAboutACaseLeadsNowhereElse: to its page, or else to the record system, or it
// has no button, and says no more of a page than there is.
func TestAnAlertAboutACaseLeadsNowhereElse(t *testing.T) {
	const page, link = "Why is on the case's page.", "https://mosaic.example/{ref}"
	for story, test := range map[string]struct {
		c     *Composer
		links []string
		page  bool
	}{
		"pages":           {recordingIn(t, "https://doorstep.example", "Mosaic", link), []string{"Open the case https://doorstep.example/cases/SW-2"}, true},
		"a record system": {recordingIn(t, "", "Mosaic", link), []string{"Open the case https://mosaic.example/SW-2"}, false},
		"neither":         {recordingIn(t, "", "", ""), nil, false},
	} {
		r, err := test.c.Compose(at("2026-09-07 08:30"), alert(Alert{Says: AlertPhoneFamily, CaseRef: "SW-2"}))
		if err != nil {
			t.Fatal(err)
		}
		if got := linksOf(t, r.HTML); !slices.Equal(got, test.links) || strings.Contains(r.Text, page) != test.page || strings.Contains(r.Text, "Your Doorstep admin can show why.") == test.page {
			t.Errorf("%s: the links are %q, want %q; of the page (%t) it says\n%s", story, got, test.links, test.page, r.Text)
		}
	}
}

// TestAnswersSayWhereToRecord: by text as well.
func TestAnswersSayWhereToRecord(t *testing.T) {
	for system, want := range map[string][]string{
		"":       {"until it is recorded on the case's page.", "Please record each in Doorstep."},
		"Mosaic": {"until it is recorded in Mosaic.", "Please record each in Mosaic."},
	} {
		c := recordingIn(t, "https://doorstep.example", system, "")
		for i, says := range []string{AnswerSaid, AnswerSeveral} {
			r, err := c.Compose(at("2026-09-07 08:30"), asSMS(answer(Answer{Says: says, CaseRef: "KN-1", Title: "See the child again"})))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.SMS, want[i]) {
				t.Errorf("with the record system %q the answer is %q, want %q in it", system, r.SMS, want[i])
			}
		}
	}
}

// TestSeveralAreReadMostSeriousFirstAndNothingTwice: what is the same for all stands on
// top, and a case is linked to once.
func TestSeveralAreReadMostSeriousFirstAndNothingTwice(t *testing.T) {
	now, routine, urgent, soon := "2026-09-07 08:30", seeAgain(), discuss(), seeAgain()
	routine.Role, urgent.CaseRef, routine.Merged, urgent.Merged = "manager", "KN-1", true, true
	soon.Title, soon.Role, soon.Urgent, soon.Immediate, soon.CaseRef, soon.Merged = "Discuss with the team manager immediately", "manager", true, true, "KN-9", true
	soon.Due, routine.Due = at("2026-09-07 08:00"), at("2026-09-01 17:00")
	m := reminderEmail("k", routine, urgent, soon)
	r := compose(t, now, m)
	var headings []string
	for n := range parsed(t, r.HTML).Descendants() {
		if n.Type == html.ElementNode && (n.Data == "h1" || n.Data == "h2") {
			headings = append(headings, textOf(n))
		}
	}
	want := []string{"3 duties, 3 overdue", "Discuss with the team manager immediately, KN-9", "Discuss the visit with your manager, KN-1", "See the child again, KN-1"}
	if !slices.Equal(headings, want) {
		t.Errorf("read in order: %q, want %q", headings, want)
	}
	if want := "OVERDUE since today 08:00: discuss with the team manager immediately, KN-9, for Worker One (W1), and 2 more"; r.Subject != want {
		t.Errorf("the subject is %q, want %q", r.Subject, want)
	}
	for part, text := range map[string]string{"text": r.Text, "HTML": textOf(parsed(t, r.HTML))} {
		text = strings.Join(strings.Fields(text), " ")
		for _, once := range []string{"You are told as manager", "stands for earlier reminders", "All of it is for the practitioner, Worker One (W1), to do.", "Open KN-1", "Open KN-9", "Doorstep, Health Visiting Service"} {
			if n := strings.Count(text, once); n != 1 {
				t.Errorf("the %s says %q %d times, want once:\n%s", part, once, n, text)
			}
		}
	}
	liaises, again := liaise(), seeAgain()
	liaises.CaseRef, liaises.CoverFor, liaises.Merged, liaises.Household = "KN-1", "", false, []string{"KN-8"}
	again.Household = liaises.Household
	household := strings.Join(strings.Fields(compose(t, now, reminderEmail("k", liaises, again)).Text), " ")
	for _, once := range []string{"All of it is yours to do.", "Other cases of the household: KN-8."} {
		if n := strings.Count(household, once); n != 1 {
			t.Errorf("of two duties of a case the email says %q %d times, want once:\n%s", once, n, household)
		}
	}
	mine := seeAgain()
	mine.CaseRef = "KN-3"
	mixed := strings.Join(strings.Fields(compose(t, now, reminderEmail("k", routine, mine)).Text), " ")
	for _, own := range []string{"This is yours to do.", "For the practitioner, Worker One (W1), to do."} {
		if strings.Count(mixed, own) != 1 || strings.Contains(mixed, "All of it") {
			t.Errorf("of two that are different people's the email does not say %q with one of them:\n%s", own, mixed)
		}
	}
}
