package notify

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func compose(t *testing.T, now string, m Message) *Rendered {
	t.Helper()
	r, err := newComposer(t).Compose(at(now), m)
	if err != nil {
		t.Fatalf("composing %s: %v", m.Key, err)
	}
	return r
}

func TestSubjectSaysWhatByWhenAndWhichCase(t *testing.T) {
	with := func(change func(*Reminder)) []Reminder {
		r := seeAgain() // due Tue 8 September, 17:00
		change(&r)
		return []Reminder{r}
	}
	rung := func(rung string) []Reminder { return with(func(r *Reminder) { r.Rung = rung }) }
	tests := []struct {
		story     string
		now       string
		reminders []Reminder
		want      string
	}{
		{"a warning the day before", "2026-09-07 08:30", rung("before-1wd"), "Due tomorrow 17:00: see the child again, KN-1"},
		{"a warning some days before", "2026-09-03 08:30", rung("before-3wd"), "Due Tue 8 Sep 17:00: see the child again, KN-1"},
		{"a new duty", "2026-09-01 10:00", rung("start"), "New, due Tue 8 Sep 17:00: see the child again, KN-1"},
		{"the due time", "2026-09-08 17:00", rung("due"), "Due now, 17:00: see the child again, KN-1"},
		{"the due rung with the scan a minute later", "2026-09-08 17:01", rung("due"), "Due now, 17:00: see the child again, KN-1"},
		{"the due rung held until office hours", "2026-09-09 08:00", rung("due"), "OVERDUE since yesterday 17:00: see the child again, KN-1"},
		{"overdue", "2026-09-10 08:30", rung("after-2wd"), "OVERDUE since Tue 8 Sep 17:00: see the child again, KN-1"},
		{"a warning that comes too late says so", "2026-09-08 18:00", rung("before-1wd"), "OVERDUE since today 17:00: see the child again, KN-1"},
		{"the manager is told whose it is", "2026-09-10 08:30", with(func(r *Reminder) { r.Rung, r.Role = "after-2wd", "manager" }), "OVERDUE since Tue 8 Sep 17:00: see the child again, KN-1, for Worker One (W1)"},
		{"urgent", "2026-09-08 13:00", with(func(r *Reminder) { r.Urgent, r.Rung = true, "before-4h" }), "Urgent, due today 17:00: see the child again, KN-1"},
		{"immediate", "2026-09-08 16:00", with(func(r *Reminder) { r.Urgent, r.Immediate, r.Rung = true, true, "start" }), "Act now, by today 17:00: see the child again, KN-1"},
		{"the start of an urgent ladder", "2026-09-07 10:00", with(func(r *Reminder) { r.Urgent, r.Rung = true, "start" }), "Urgent, due tomorrow 17:00: see the child again, KN-1"},
		{"another year", "2025-12-30 08:30", rung("start"), "New, due Tue 8 Sep 2026 17:00: see the child again, KN-1"},
		{"several", "2026-09-08 08:30", []Reminder{secondContact(), seeAgain(), liaise(), liaise()}, "Due today 17:00: see the child again, KN-1, and 3 more"},
		{"several, some overdue", "2026-09-10 08:30", []Reminder{secondContact(), seeAgain(), liaise()}, "OVERDUE since Tue 8 Sep 17:00: see the child again, KN-1, and 2 more"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			if got := compose(t, test.now, reminderEmail("k", test.reminders...)).Subject; got != test.want {
				t.Errorf("at %s the subject is\n%q, want\n%q", test.now, got, test.want)
			}
		})
	}
}

// TestTheReasonOfATimeIsASentence: the rules give the reason without its full stop.
func TestTheReasonOfATimeIsASentence(t *testing.T) {
	const want = "Why this time: 2 working days from the event on Tue 1 September. Local default, not a figure from the guidance."
	for _, why := range []string{"2 working days from the event on Tue 1 September", "2 working days from the event on Tue 1 September."} {
		r := seeAgain()
		r.Why, r.Basis = why, BasisLocal
		rendered := compose(t, "2026-09-07 08:30", reminderEmail("k", r))
		for _, part := range []string{rendered.Text, rendered.HTML} {
			if !strings.Contains(strings.Join(strings.Fields(part), " "), want) {
				t.Errorf("of the reason %q an email says\n%s\nwant %q", why, part, want)
			}
		}
	}
}

func TestTimesFollowTheClockOfTheOrganisation(t *testing.T) {
	r := seeAgain()
	r.Due = time.Date(2026, 10, 25, 15, 0, 0, 0, time.UTC) // the clocks have gone back that night
	got := compose(t, "2026-10-24 16:00", reminderEmail("k", r)).Text
	if want := "tomorrow, Sun 25 October, 15:00"; !strings.Contains(got, want) {
		t.Errorf("the text has no %q:\n%s", want, got)
	}
}

func TestOverdueIsCountedAsPeopleDo(t *testing.T) {
	for now, want := range map[string]string{
		"2026-09-08 17:20": "OVERDUE by 20 minutes:",
		"2026-09-08 18:00": "OVERDUE by 1 hour:",
		"2026-09-09 08:30": "OVERDUE by 15 hours:",
		"2026-09-09 17:00": "OVERDUE by 1 day:",
		"2026-09-10 08:30": "OVERDUE by 2 days:",
		"2026-09-15 08:30": "OVERDUE by 7 days:",
	} {
		if got := compose(t, now, reminderEmail("k", seeAgain())).Text; !strings.HasPrefix(got, want) {
			t.Errorf("at %s the text starts %q, want %q", now, firstLine(got), want)
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func TestReminderSaysWhyWhoseAndWhere(t *testing.T) {
	tests := []struct {
		story  string
		change func(*Reminder)
		want   string
		not    string
	}{
		{"first line", func(*Reminder) {}, "Due tomorrow, Tue 8 September, 17:00: see the child again, KN-1\n", ""},
		{"why the time is what it is", func(*Reminder) {}, "Why this time: 5 working days from the unsuccessful visit on Tue 1 September.", ""},
		{"the guidance is named, its words are not", func(r *Reminder) { r.Clause = `Knowsley 1: "CIN/CP/CfC - See child/ren"` }, "From the guidance: Knowsley 1", "See child/ren"},
		{"a part of the guidance that tells why the family is known", func(r *Reminder) { r.Clause = `Swindon, Antenatal Pathway: "Contact parents"` }, "From the guidance: Swindon Doorstep, Health", "Antenatal"},
		{"a reason that tells the date of birth", func(r *Reminder) { r.Why = "28 days of age, born on Tue 1 September" }, "Why this time is on the case's page. From the guidance", "born"},
		{"guidance", func(*Reminder) {}, "From the guidance: Knowsley No Access Visit Guidance, 3.4", "Local default"},
		{"local default is shown as such", func(r *Reminder) { r.Basis = BasisLocal }, "Local default, not a figure from the guidance.", "From the guidance"},
		{"the reader's own", func(*Reminder) {}, "This is yours to do.", "told as"},
		{"a manager told before", func(r *Reminder) { r.Role = "manager" }, "For the practitioner, Worker One (W1), to do. You are told as manager.", "see that it happens"},
		{"a service manager told after", func(r *Reminder) { r.Role, r.Due = "service-manager", at("2026-09-03 17:00") }, "For the practitioner, Worker One (W1), to do. You are told as service manager: please see that it happens.", "yours"},
		{"nobody holds the role", func(r *Reminder) { r.Role, r.OwnerID = "manager", "" }, "For the practitioner to do, but nobody is named on this case.", "yours"},
		{"cover", func(r *Reminder) { r.CoverFor = "W2" }, "You get this because you cover for Worker Two (W2).", ""},
		{"missed ones merged", func(r *Reminder) { r.Merged = true }, "This stands for earlier reminders that did not go out", ""},
		{"a window to come", func(r *Reminder) { r.OpensFrom = at("2026-09-08 00:00") }, "Best done from Tue 8 September; earlier counts too.", ""},
		{"a window that is open", func(r *Reminder) { r.OpensFrom = at("2026-09-02 00:00") }, "yours", "Best done from"},
		{"link", func(*Reminder) {}, "https://doorstep.example/cases/KN-1\n", ""},
		{"a reference that is no plain word", func(r *Reminder) { r.CaseRef = "KN/1 a?b" }, "https://doorstep.example/cases/KN%2F1%20a%3Fb\n", ""},
		{"a title that starts with an abbreviation", func(r *Reminder) { r.Title = "C&F visit: see the child" }, "17:00: C&F visit: see the child, KN-1", ""},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			r := seeAgain()
			test.change(&r)
			rendered := compose(t, "2026-09-07 08:30", reminderEmail("k", r))
			text := strings.Join(strings.Fields(rendered.Text), " ")
			if want := strings.TrimSpace(test.want); !strings.Contains(text, want) {
				t.Errorf("the text has no %q:\n%s", want, rendered.Text)
			}
			if test.not != "" && strings.Contains(text, test.not) {
				t.Errorf("the text has %q:\n%s", test.not, rendered.Text)
			}
		})
	}
}

func TestLinksAreLeftOutWithoutAPublicURL(t *testing.T) {
	settings := testSettings
	settings.PublicURL = ""
	c, err := NewComposer(os.DirFS("../configs/wording/messages"), settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples() {
		r, err := c.Compose(s.now, s.message)
		if err != nil {
			t.Fatal(err)
		}
		if all := r.Text + r.HTML + r.ICS; strings.Contains(all, "http") || strings.Contains(all, "Open ") {
			t.Errorf("%s has a link:\n%s", s.name, all)
		}
	}
}

func TestGroupedReminderPutsTheLongestOverdueFirst(t *testing.T) {
	text := compose(t, "2026-09-09 08:30", reminderEmail("k", secondContact(), liaise(), seeAgain())).Text
	first, second, third := strings.Index(text, "1. OVERDUE by 15 hours: see the child again, KN-1"),
		strings.Index(text, "2. NEW, due today, Wed 9 September, 17:00: liaise"), strings.Index(text, "3. Due tomorrow, Thu 10 September, 17:00: make the second contact")
	if first < 0 || second < first || third < second {
		t.Errorf("the reminders stand at %d, %d and %d, want them in this order:\n%s", first, second, third, text)
	}
}

func TestHTMLShowsUrgencyAtAGlance(t *testing.T) {
	for now, want := range map[string][]string{
		"2026-09-07 08:30": {">DUE SOON<", `class="badge-soon"`},
		"2026-09-08 17:00": {">DUE NOW<", `class="badge-soon"`},
		"2026-09-10 08:30": {">OVERDUE<", `class="badge-late"`},
	} {
		r := seeAgain()
		r.Rung = "due"
		html := compose(t, now, reminderEmail("k", r)).HTML
		for _, part := range want {
			if !strings.Contains(html, part) {
				t.Errorf("at %s the HTML has no %s:\n%s", now, part, html)
			}
		}
	}
}

func TestTextValuesAreEscapedInHTML(t *testing.T) {
	r := seeAgain()
	r.Title, r.Why, r.CaseRef = `<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><b>KN`
	html := compose(t, "2026-09-07 08:30", reminderEmail("k", r)).HTML
	for _, tag := range []string{"<script", "<img", "<b>KN"} {
		if strings.Contains(html, tag) {
			t.Errorf("the HTML has a %s of its own:\n%s", tag, html)
		}
	}
}

func TestPlainTextKeepsToSeventyTwoColumns(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		r, err := c.Compose(s.now, s.message)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(r.Text) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 72 {
				t.Errorf("%s: a line has %d characters: %q", s.name, n, line)
			}
		}
		if strings.Contains(r.Text, "\n\n\n") {
			t.Errorf("%s has two empty lines in a row:\n%s", s.name, r.Text)
		}
	}
}

func TestDigest(t *testing.T) {
	c := newComposer(t)
	ownAndTeams := fullDigest()
	ownAndTeams.Teams = teamDigest().Teams
	tests := []struct {
		name          string
		kind          Kind
		digest        *Digest
		subject, head string
		has           []string
	}{
		{"full", KindDigest, fullDigest(), "3 OVERDUE (1 new), 1 due today: your cases, Fri 4 Sep",
			"3 overdue, the longest for 7 days: see the child again, KN-1.\n1 due today, 2 before the next working day, 2 in the next three working\ndays.\nAs of Fri 4 September, 08:00.\n",
			[]string{"New since yesterday (3)", "KN-7, W4, attempt 1\n  Discuss the visit with the manager (urgent): 5 hours OVERDUE, since\n  Fri 4 September, 02:30\n",
				"see the child again, 7 days OVERDUE, and 1 more\nto do\n", "Worker Three (W3): Away until Mon 14 September"}},
		{"empty", KindDigest, emptyDigest(), "Nothing overdue, nothing due today: your cases, Fri 4 Sep",
			"Nothing is overdue.\nNothing is due today or in the next three working days.\nAs of Fri 4 September, 08:00.\n", nil},
		{"empty, by team", KindTeamDigest, &Digest{On: at("2026-09-04 08:00"), Teams: []TeamSummary{{Team: "East"}}}, "Nothing overdue, nothing due today: your teams, Fri 4 Sep",
			"Nothing is overdue in any team.\nNothing is due today or in the next three working days.\n", nil},
		{"service manager without teams", KindTeamDigest, emptyDigest(), "Nothing overdue, nothing due today: your cases, Fri 4 Sep", "Nothing is overdue.\n", nil},
		{"teams and duties of one's own", KindTeamDigest, ownAndTeams, "5 OVERDUE, 3 due today: your teams, Fri 4 Sep",
			"5 overdue in 2 of 3 teams", []string{"== New since yesterday (3)"}},
		{"by team, late", KindTeamDigest, teamDigest(), "5 OVERDUE, 3 due today: your teams, Fri 4 Sep (late)",
			"5 overdue in 2 of 3 teams, the longest for 7 days: KN-1, East.\n3 due today, 10 in the next three working days.\nThis comes late: it should have come today 08:00.\nAs of Fri 4 September, 10:42.\n",
			[]string{"East\n  4 overdue, the longest for 7 days (KN-1)\n  2 due today, 3 coming", "West\n  Nothing overdue\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := c.Compose(test.digest.On, digestEmail(test.kind, test.digest))
			if err != nil {
				t.Fatal(err)
			}
			if r.Subject != test.subject {
				t.Errorf("subject %q, want %q", r.Subject, test.subject)
			}
			if !strings.HasPrefix(r.Text, test.head) {
				t.Errorf("the text starts\n%s\nwant\n%s", r.Text, test.head)
			}
			for _, part := range test.has {
				if !strings.Contains(r.Text, part) {
					t.Errorf("the text has no %q:\n%s", part, r.Text)
				}
			}
			text, err := c.DigestText(test.digest, staff)
			if err != nil {
				t.Fatal(err)
			}
			if text != r.Text {
				t.Errorf("the digest command prints\n%s\nand the email says\n%s", text, r.Text)
			}
		})
	}
}

// shippedWording is the shipped wording with some files in place of others.
func shippedWording(t *testing.T, own map[string]string) fstest.MapFS {
	t.Helper()
	wording := fstest.MapFS{}
	shipped := os.DirFS("../configs/wording/messages")
	names, err := fs.Glob(shipped, "*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		wording[name] = &fstest.MapFile{Data: content}
	}
	for name, content := range own {
		wording[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return wording
}

func TestWordingErrorsNameFileLineAndColumn(t *testing.T) {
	// The last file by name takes the place of sentences in others: zz.tmpl.
	reminder := func(content string) string { return `{{define "sms-reminder"}}` + content + `{{end}}` }
	tests := []struct {
		story, file, content, want string
	}{
		{"half a condition", "zz.tmpl", "{{define \"sms-reminder\"}}\n\n{{if}}\n{{end}}", "message wording: zz.tmpl:3: missing value for if"},
		{"a field that does not exist", "reminder.txt.tmpl", "first\nsecond {{.Family}}", "message wording: reminder.txt.tmpl:2:10: there is no .Family: "},
		{"a field that does not exist, in HTML", "reminder.html.tmpl", "\n\n<p>{{.Family}}</p>", "reminder.html.tmpl:3:6: there is no .Family: "},
		{"in a branch that no sample takes", "zz.tmpl", `{{define "section"}}{{if eq . "none"}}{{with $}}{{.Child.Name}}{{end}}{{end}}{{end}}`, "zz.tmpl:1:51: there is no .Child: "},
		{"behind one that exists", "zz.tmpl", reminder("é {{.First.Surname}}"), "zz.tmpl:1:36: there is no .Surname: "},
		{"of a variable", "zz.tmpl", reminder("{{$.Address}}"), "zz.tmpl:1:29: there is no .Address: "},
		{"of a pipeline", "zz.tmpl", reminder("{{(index .Reminders 0).Surname}}"), "zz.tmpl:1:48: there is no .Surname: "},
		{"HTML without its end", "alert.html.tmpl", "<p>\n<a href=\"{{.Home}}>Open</a>", "alert.html.tmpl:1: the HTML ends inside a tag, an attribute"},
		{"HTML that is open in one branch", "alert.html.tmpl", "<p>\n<p {{if .Home}}title=\"{{end}}>", "alert.html.tmpl:2:8: {{if}} branches end in different contexts"},
		{"HTML with a stray quotation mark", "alert.html.tmpl", "<p>\n<a href=x\">Open</a>", "alert.html.tmpl:2:9: this is no HTML: check the quotation marks"},
		{"HTML with a stray sign", "page.html.tmpl", "{{define \"head\"}}\n\n<a ='3'>{{end}}{{define \"foot\"}}{{end}}{{define \"colour\"}}{{end}}", "page.html.tmpl:3:4: this is no HTML: check"},
		{"a field that is not there but elsewhere", "reminder.txt.tmpl", "first\nsecond {{.Clock}}", "message wording: reminder.txt.tmpl:2:9: executing"},
		{"a sentence that does not exist", "alert.txt.tmpl", "{{template \"greeting\" .}}", `alert.txt.tmpl:1:11: executing "alert.txt.tmpl"`},
		{"a text without the case", "zz.tmpl", reminder("\nDue {{.First.Due.Clock}}{{.ReplyCode}}"), `zz.tmpl:1:26: "sms-reminder" leaves out the case reference: add {{.First.CaseRef}}`},
		{"a text without the time", "zz.tmpl", reminder("{{.First.CaseRef}}{{.ReplyCode}}"), `zz.tmpl:1:28: "sms-reminder" leaves out when it is due: add {{.First.Due.Clock}}`},
		{"a text without the code", "zz.tmpl", reminder("{{.First.CaseRef}} {{.First.Due.Clock}}"), `zz.tmpl:1:28: "sms-reminder" leaves out the reply code: add {{.ReplyCode}}`},
		{"a text that is too long", "zz.tmpl", reminder(strings.Repeat("x", 150) + "{{.First.CaseRef}} {{.First.Due.Clock}} {{.ReplyCode}}"),
			`zz.tmpl:1:26: "sms-reminder" can take 2 segments: shorten it, or allow more with {{define "sms-segments"}}2{{end}}`},
		{"no segments", "zz.tmpl", "\n{{define \"sms-segments\"}} 0 {{end}}", `zz.tmpl:2:26: "sms-segments" is how many segments a text may take: write 1, 2 or 3`},
		{"four segments", "zz.tmpl", "{{define \"sms-segments\"}}4{{end}}", `zz.tmpl:1:26: "sms-segments" is`},
		{"segments in words", "zz.tmpl", "{{define \"sms-segments\"}}two{{end}}", `zz.tmpl:1:26: "sms-segments" is`},
		{"segments by a condition", "zz.tmpl", "{{define \"sms-segments\"}}{{if .Urgent}}2{{end}}{{end}}", `zz.tmpl:1:31: "sms-segments" is`},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			_, err := NewComposer(shippedWording(t, map[string]string{test.file: test.content}), testSettings)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %s", err, test.want)
			}
		})
	}
	if _, err := NewComposer(fstest.MapFS{}, testSettings); err == nil {
		t.Error("no wording at all is taken without an error")
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for story, change := range map[string]func(*Settings){
		"no sender":                           func(s *Settings) { s.From = "" },
		"a sender without a domain":           func(s *Settings) { s.From = "doorstep" },
		"a sender with a second line":         func(s *Settings) { s.From = "Doorstep <doorstep@example.org>\r\nBcc: x@example.org" },
		"a public_url without a host":         func(s *Settings) { s.PublicURL = "doorstep.example" },
		"a public_url that is a mail address": func(s *Settings) { s.PublicURL = "mailto:x@example.org" },
	} {
		settings := testSettings
		change(&settings)
		if _, err := NewComposer(os.DirFS("../configs/wording/messages"), settings); err == nil {
			t.Errorf("%s is taken without an error", story)
		}
	}
}

func TestMessageThatIsNoneIsRefused(t *testing.T) {
	c := newComposer(t)
	for story, change := range map[string]func(*Message){
		"no key":          func(m *Message) { m.Key = "" },
		"no channel":      func(m *Message) { m.Channel = "" },
		"unknown channel": func(m *Message) { m.Channel = "pigeon" },
		"unknown kind":    func(m *Message) { m.Kind = "../../etc/passwd" },
		"no reminders":    func(m *Message) { m.Reminders = nil },
		"no digest":       func(m *Message) { m.Kind = KindDigest },
		"unknown section": func(m *Message) {
			m.Kind, m.Digest = KindDigest, &Digest{Sections: []Section{{ID: "gossip"}}}
		},
		"no alert":                  func(m *Message) { m.Kind = KindAlert },
		"unknown alert":             func(m *Message) { m.Kind, m.Alert = KindAlert, &Alert{Says: "gossip"} },
		"no answer":                 func(m *Message) { m.Kind = KindAnswer },
		"unknown answer":            func(m *Message) { m.Kind, m.Answer = KindAnswer, &Answer{Says: "gossip"} },
		"no test":                   func(m *Message) { m.Kind = KindTest },
		"a reply code that is none": func(m *Message) { m.ReplyCode = "4O7" },
	} {
		m := reminderEmail("k", seeAgain())
		change(&m)
		if r, err := c.Compose(at("2026-09-07 08:30"), m); err == nil {
			t.Errorf("%s: composed %q, want an error", story, r.Subject)
		}
	}
}

// TestADigestSaysEachCaseOnce: whatever sections name a case, it stands once, with all
// of it below; what stands as it did takes a line.
func TestADigestSaysEachCaseOnce(t *testing.T) {
	r := compose(t, "2026-09-04 08:00", digestEmail(KindDigest, fullDigest()))
	_, news, _ := strings.Cut(r.Text, "== New since yesterday (3)\n")
	news, same, _ := strings.Cut(news, "== As before (5)\n")
	want := `
KN-7, W4, attempt 1
  Discuss the visit with the manager (urgent): 5 hours OVERDUE, since
  Fri 4 September, 02:30

SW-3, Worker Two (W2), attempt 1
  Liaise with the other services: due today, Fri 4 September, 17:00
  Answer whether there are vulnerabilities: due tomorrow, Sat 5
  September, 17:00
  Worker Two (W2)'s text failed: the number does not exist. Emailed to
  Worker Two (W2) instead.

KN-9, Worker One (W1), attempt 3
  See the child within 24 hours (urgent): due tomorrow, Sat 5 September,
  10:15

`
	if news != want {
		t.Errorf("what is new reads\n%s\nwant\n%s", news, want)
	}
	want = `
KN-1, Worker One (W1): see the child again, 7 days OVERDUE, and 1 more
to do
KN-2: consider a review of the plan, due Mon 7 Sep 17:00 (manager's to
do)
SW-8, Worker Two (W2): share the plan with the agencies, due Wed 9 Sep
17:00
KN-4, W4: see the child again, due Tue 8 Sep 17:00. Asked for Wed 16
September; the cap stands.
SW-6: Three visits in a row cancelled by the family.

`
	if same, _, _ = strings.Cut(same, "=="); same != want {
		t.Errorf("what stands as it did reads\n%s\nwant\n%s", same, want)
	}
	for _, ref := range []string{"KN-7", "SW-3", "KN-9", "KN-2", "SW-8", "KN-4", "SW-6"} {
		if n := strings.Count(r.HTML, ">"+ref); n != 1 {
			t.Errorf("%s stands %d times in the email's HTML, want once:\n%s", ref, n, r.HTML)
		}
	}
}

func TestADigestHasNews(t *testing.T) {
	since := time.Date(2026, 9, 3, 7, 0, 0, 0, time.UTC)
	with := func(id SectionID, isNew bool) Digest {
		return Digest{Since: since, Sections: []Section{{ID: id, Lines: []DigestLine{{CaseRef: "KN-1", New: isNew}}}}}
	}
	for story, test := range map[string]struct {
		digest Digest
		want   bool
	}{
		"nothing at all":                {Digest{Since: since}, false},
		"overdue as before":             {with(Overdue, false), true},
		"due today":                     {with(DueToday, false), true},
		"due over the weekend":          {with(DueBeforeOpen, false), true},
		"comes, as was said before":     {with(Coming, false), false},
		"comes, and is new":             {with(Coming, true), true},
		"flagged, as was said before":   {with(WorthALook, false), false},
		"a first digest":                {Digest{Sections: with(Coming, false).Sections}, true},
		"files are late":                {Digest{Since: since, LateFiles: []LateFiles{{Of: "events"}}}, true},
		"a team with nothing":           {Digest{Since: since, Teams: []TeamSummary{{Team: "East", Coming: 3}}}, false},
		"a team with something overdue": {Digest{Since: since, Teams: []TeamSummary{{Team: "East", Overdue: 1}}}, true},
	} {
		if got := test.digest.HasNews(); got != test.want {
			t.Errorf("%s: has news %t, want %t", story, got, test.want)
		}
	}
}

// TestAManagerReadsHowUrgentACaseIs: what was discussed stands with the reminder and in
// the digest, and where liaison is asked the household's other cases.
func TestAManagerReadsHowUrgentACaseIs(t *testing.T) {
	again := seeAgain()
	again.Discussed = &Discussed{at("2026-09-06 15:00"), "high", "unknown"}
	partly := seeAgain()
	partly.Discussed = &Discussed{at("2026-09-06 15:00"), "", "no"}
	asks := liaise()
	asks.Household = []string{"KN-8", "KN-9"}
	digest := fullDigest()
	digest.Sections[0].Lines[1].Discussed = &Discussed{at("2026-09-03 15:00"), "medium", ""}
	digest.Sections[0].Lines[0].Discussed = &Discussed{at("2026-09-01 15:00"), "low", "yes"}
	for _, test := range []struct {
		m    Message
		want string
	}{
		{reminderEmail("a", again), "Concern high, seen by other professionals: not known (as discussed yesterday 15:00)."},
		{reminderEmail("b", partly), "Seen by other professionals: no (as discussed yesterday 15:00)."},
		{reminderEmail("c", asks), "Other cases of the household: KN-8, KN-9."},
		{digestEmail(KindDigest, digest), "KN-7, W4, attempt 1. Concern medium (as discussed yesterday 15:00)."},
		{digestEmail(KindDigest, digest), "and 1 more to do. Concern low"},
	} {
		now := at("2026-09-07 08:30")
		if test.m.Digest != nil {
			now = test.m.Digest.On
		}
		r, err := newComposer(t).Compose(now, test.m)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(strings.Fields(r.Text), " "); !strings.Contains(text, test.want) {
			t.Errorf("the email has no %q:\n%s", test.want, text)
		}
	}
}

// TestAChairReadsOfTheCasesThatTheyTrack: unsuccessful visits, what is overdue, and
// whether an action is agreed.
func TestAChairReadsOfTheCasesThatTheyTrack(t *testing.T) {
	d := &Digest{On: at("2026-09-07 08:00"), Chair: true, Sections: []Section{
		{Overdue, []DigestLine{{CaseRef: "KN-1", Practitioner: "W1", Title: "See the child", Due: at("2026-09-03 17:00"), OwnerRole: "practitioner"}}},
		{Tracked, []DigestLine{
			{CaseRef: "KN-1", Practitioner: "W1", Visits: &InVain{2, at("2026-09-04 10:00")}},
			{CaseRef: "KN-1", Practitioner: "W1", Action: &ActionAsked{Due: at("2026-09-11 17:00")}},
			{CaseRef: "KN-2", Practitioner: "W2", Visits: &InVain{1, at("2026-09-02 10:00")}, Action: &ActionAsked{Agreed: at("2026-09-06 12:00")}},
		}},
	}}
	r, err := newComposer(t).Compose(d.On, digestEmail(KindChairDigest, d))
	if err != nil {
		t.Fatal(err)
	}
	if want := "2 cases to look at, 1 OVERDUE: the cases you chair, Mon 7 Sep"; r.Subject != want {
		t.Errorf("the subject is %q, want %q", r.Subject, want)
	}
	text, _, _ := strings.Cut(r.Text, "Open Doorstep")
	want := `2 of the cases you chair have unsuccessful visits, overdue duties or an
action to agree.
1 overdue. This comes at the start of a week, where there is something
to say.
As of Mon 7 September, 08:00.

== Cases (2)

KN-1, Worker One (W1)
  See the child: 4 days OVERDUE, since Thu 3 September, 17:00
  2 unsuccessful visits in a row, the last Fri 4 Sep 10:00.
  Action not agreed: due Fri 11 Sep 17:00.

KN-2, Worker Two (W2)
  1 unsuccessful visit Wed 2 Sep 10:00. Action agreed yesterday 12:00.

`
	if text != want {
		t.Errorf("the chair reads\n%s\nwant\n%s", text, want)
	}
}

func TestNotesOfADigest(t *testing.T) {
	instead := func(told ...Told) *Undeliverable {
		return &Undeliverable{Person: "W1", Channel: BySMS, Reason: "the number does not exist.", Instead: told}
	}
	tests := []struct {
		story string
		line  DigestLine
		want  string
	}{
		{"as it is", DigestLine{CaseRef: "KN-1", Note: "Three in a row."}, "KN-1 Three in a row."},
		{"a reason, as a sentence", DigestLine{CaseRef: "KN-1", Note: "a later date was asked for"}, "KN-1 A later date was asked for"},
		{"away", DigestLine{Practitioner: "W3", Absence: &Absence{Until: at("2026-09-14 23:59"), Duties: 4, Cover: "W2"}}, "W3: Away until Mon 14 September with 4 open duties; W2 covers."},
		{"away, nobody knows how long", DigestLine{Practitioner: "W3", Absence: &Absence{Duties: 1}}, "W3: Away with an open duty."},
		{"gone", DigestLine{Practitioner: "W3", Absence: &Absence{Gone: true, Duties: 2, Cover: "W2"}}, "W3: Gone with 2 open duties."},
		{"failed", DigestLine{CaseRef: "KN-1", Undelivered: instead()}, "KN-1 W1's text failed: the number does not exist."},
		{"failed, told otherwise", DigestLine{Undelivered: instead(Told{"W1", ByEmail})}, "W1's text failed: the number does not exist. Emailed to W1 instead."},
		{"failed, others told", DigestLine{Undelivered: instead(Told{"W2", BySMS}, Told{"M1", ByEmail})}, "W1's text failed: the number does not exist. Texted to W2 and emailed to M1 instead."},
		{"waits", DigestLine{Undelivered: &Undeliverable{Person: "W1", Channel: ByEmail, WaitsSince: at("2026-09-04 05:00"), Reason: "the server does not answer"}}, "W1's email has waited since today 05:00: the server does not answer."},
		{"failed without a reason", DigestLine{Undelivered: &Undeliverable{Person: "W1", Channel: ByEmail}}, "W1's email failed."},
	}
	c := newComposer(t)
	for _, test := range tests {
		text, err := c.DigestText(&Digest{On: at("2026-09-04 08:00"), Sections: []Section{{WorthALook, []DigestLine{test.line}}}}, nil)
		if err != nil {
			t.Fatalf("%s: %v", test.story, err)
		}
		if text = strings.Join(strings.Fields(text), " "); !strings.Contains(text, "(1) "+test.want+" ") {
			t.Errorf("%s: the digest says\n%s\nwant %q", test.story, text, test.want)
		}
	}
}

func TestADigestSaysFromWhenItsDataIs(t *testing.T) {
	d := &Digest{On: at("2026-09-07 08:00"), DataOf: at("2026-09-07 05:30"), LateFiles: []LateFiles{{"cases", at("2026-09-05 05:30")}}}
	r := compose(t, "2026-09-07 08:00", Message{Key: "d", Kind: KindDigest, Channel: ByEmail, To: Address{Email: "m1@example.org"}, Created: at("2026-09-07 08:00"), Digest: d})
	for _, want := range []string{"Data of the record system as of today 05:30.", "No file of cases has come since "} {
		if text := strings.Join(strings.Fields(r.Text), " "); !strings.Contains(text, want) || !strings.Contains(r.HTML, want) {
			t.Errorf("the digest does not say %q:\n%s\n%s", want, r.Text, r.HTML)
		}
	}
}

func TestAnAlertIsWorded(t *testing.T) {
	tests := []struct {
		alert         Alert
		subject, text string
	}{
		{Alert{Says: AlertPhoneFamily, CaseRef: "SW-2"}, "Phone the family instead of writing, SW-2", "Open the case: https://doorstep.example/cases/SW-2"},
		{Alert{Says: AlertChannelStopped, Channel: BySMS, Since: at("2026-09-06 22:10"), Reason: "the password is refused.", Waiting: 1},
			"Doorstep needs attention: no texts can be sent since yesterday 22:10", "since yesterday 22:10 Why: the password is refused. 1 message waits. Doorstep tries again by itself"},
		{Alert{Says: AlertChannelStopped, Channel: ByEmail}, "Doorstep needs attention: no emails can be sent", "sent Doorstep tries again by itself"},
		{Alert{Says: AlertChannelBack, Channel: BySMS, Waiting: 31}, "Doorstep: texts go out again", "31 messages waited and now go out, the most serious first."},
		{Alert{Says: AlertRefused, Channel: BySMS, Reason: "filtered as spam"}, "Doorstep needs attention: one of the texts was refused", "Why: filtered as spam. It is not sent again"},
		{Alert{Says: AlertProbeLost, Channel: BySMS, Since: at("2026-09-07 08:00")}, "Doorstep needs attention: the test message did not arrive by text", "It was sent today 08:00, and nothing says that it arrived. Reminders may"},
		{Alert{Says: AlertLettersRefused, Waiting: 1, Reason: "batch 7: cancelled"}, "Doorstep needs attention: a letter is not being posted by GOV.UK Notify",
			`Why: batch 7: cancelled. The command "doorstep post --status" lists each`},
		{Alert{Says: AlertRowsRejected, File: "events-7.csv", Files: "events", Waiting: 2}, "Doorstep needs attention: 2 rows from the record system were rejected", "The file is events-7.csv; its other rows were imported."},
		{Alert{Says: AlertFileRejected, File: "events-7.csv", Files: "events"}, "Doorstep needs attention: a file of events from the record system was rejected", "The file is events-7.csv; nothing of it was imported."},
		{Alert{Says: AlertFileUnreadable, File: "events-7.csv", Reason: "it is a pipe: put a file there"}, "Doorstep needs attention: a file from the record system cannot be read", "The file is events-7.csv. Why: it is a pipe: put a file there. It stays"},
		{Alert{Says: AlertFileFails, File: "events-7.csv", Files: "events", Reason: "the disk is full"}, "Doorstep needs attention: a file of events from the record system cannot be imported", "Why: the disk is full. Doorstep tries again"},
		{Alert{Says: AlertFilesLate, Files: "events", Since: at("2026-09-06 22:10")}, "Doorstep needs attention: no file of events has come from the record system since yesterday 22:10", "One should have come by now."},
		{Alert{Says: AlertAddressChanged, Own: true, Channel: ByEmail, People: []string{"W1"}, Waiting: 1, Since: at("2026-09-07 07:00"), File: "people.csv", By: "clerk"},
			"Doorstep: your email was changed", "It was changed today, Mon 7 September, 07:00, by the file people.csv that clerk imported. If that is right, there is nothing to do. If not, tell your Doorstep admin at once"},
		{Alert{Says: AlertAddressChanged, Channel: BySMS, People: []string{"W1"}, Waiting: 1, File: "people.csv"},
			"Doorstep: the mobile of Worker One (W1) was changed", "It was changed, by the file people.csv. It is about Worker One (W1): ask whether that is right. If that is right, there is"},
		{Alert{Says: AlertAddressChanged, People: []string{"W1", "W2"}, Waiting: 31, By: "G1"},
			"Doorstep: the email or mobile of 31 people was changed", "It was changed, by Manager One (G1). It is about Worker One (W1), Worker Two (W2) and 29 more: ask whether that is right."},
		{Alert{Says: AlertClosedCase, CaseRef: "KN-3", Cases: []string{"KN-3"}, Since: at("2026-09-07 08:10"), By: "W1"},
			"Unsuccessful visit on a closed case, KN-3", "It was today, Mon 7 September, 08:10, recorded by Worker One (W1). No clock runs on a closed case"},
		{Alert{Says: AlertClosedCase, CaseRef: "KN-3", Cases: []string{"KN-3", "KN-4"}},
			"Unsuccessful visits on closed cases, KN-3, KN-4", "No clock runs on a closed case, and nobody is reminded of anything. Reopen each where the family is still to be seen"},
		{Alert{Says: AlertOpened, CaseRef: "KN-3", By: "W1", Since: at("2026-09-07 08:10")},
			"Case KN-3 was opened in an emergency by Worker One (W1)", "It was today, Mon 7 September, 08:10, and is not theirs: they gave a reason"},
		{Alert{Says: AlertMoved, CaseRef: "KN-3", Cases: []string{"KN-3", "KN-4"}, People: []string{"W1", "W2"}, By: "G1"},
			"Worker Two (W2) takes on KN-3, KN-4", "these cases are Worker Two (W2)’s, and Worker One (W1)’s no more. Manager One (G1) has changed it."},
		{Alert{Says: AlertMoved, CaseRef: "KN-3", Cases: []string{"KN-3"}, People: []string{"", "W2"}, By: "G1"},
			"Worker Two (W2) takes on KN-3", "From now on this case is Worker Two (W2)’s. Manager One (G1) has changed it."},
		{Alert{Says: AlertHouseholdVisit, CaseRef: "KN-3", Visited: []string{"KN-1", "KN-2"}, Cases: []string{"KN-3"}, Since: at("2026-09-07 08:10"), By: "W1"},
			"Unsuccessful visit to KN-1, KN-2, today 08:10; same household as KN-3", "It was today, Mon 7 September, 08:10, recorded by Worker One (W1). You have nothing to record: see whether"},
		{Alert{Says: AlertPaperWaits, Waiting: 3}, "Doorstep needs attention: 3 cards or letters have not been printed", "Each has waited for over two working days, or cannot be printed."},
		{Alert{Says: AlertPaperWaits, Waiting: 1}, "Doorstep needs attention: a card or letter has not been printed", "It has waited for over two working days, or cannot be printed."},
		{Alert{Says: AlertLettersWait, Waiting: 31}, "Doorstep needs attention: 31 letters wait to be taken by GOV.UK Notify", "Doorstep tries again by itself."},
	}
	for _, test := range tests {
		m := alert(test.alert)
		if test.alert.Says == AlertAddressChanged {
			m.Kind = KindNotice
		}
		r := compose(t, "2026-09-07 08:30", m)
		if r.Subject != test.subject {
			t.Errorf("%s: the subject is %q, want %q", test.alert.Says, r.Subject, test.subject)
		}
		if text := strings.Join(strings.Fields(r.Text), " "); !strings.Contains(text, test.text) {
			t.Errorf("%s: the text has no %q:\n%s", test.alert.Says, test.text, r.Text)
		}
	}
}
