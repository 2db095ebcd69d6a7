package notify

import (
	"bytes"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"net/url"
	"strings"
	"sync"
	"text/template"
	"time"
)

// Settings are the organisation's values that every message uses.
type Settings struct {
	From             string // "Doorstep <doorstep@example.org>"
	OrganisationName string
	ServiceName      string
	PublicURL        string         // where the pages are; empty leaves links out
	Location         *time.Location // of the times people read; nil: UTC
}

// Composer renders messages in the words of the wording files. It may be used
// from several goroutines at once.
type Composer struct {
	settings Settings
	from     *netmail.Address
	wording  *template.Template
}

// NewComposer reads the wording files, *.tmpl at the root of wording, and tries
// each on a sample message. An error names the file and the line.
//
// All are plain text templates and can use each other's sentences. Those that end
// in .html.tmpl are given values escaped for HTML. (html/template takes three
// times as long, a fifth of what sending an email takes altogether.)
func NewComposer(wording fs.FS, settings Settings) (*Composer, error) {
	c := &Composer{settings: settings}
	var err error
	if c.from, err = parseFrom(settings.From); err != nil {
		return nil, err
	}
	if c.settings.Location == nil {
		c.settings.Location = time.UTC
	}
	if c.settings.PublicURL, err = checkURL(settings.PublicURL); err != nil {
		return nil, err
	}
	c.settings.OrganisationName = clean(settings.OrganisationName)
	c.settings.ServiceName = clean(settings.ServiceName)

	c.wording = template.New("")
	names, err := fs.Glob(wording, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("message wording: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(wording, name)
		if err != nil {
			return nil, fmt.Errorf("message wording: %w", err)
		}
		if _, err := c.wording.New(name).Parse(string(content)); err != nil {
			return nil, fmt.Errorf("message wording: %w", err)
		}
	}
	return c, c.tryAll()
}

func checkURL(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("public_url: %q is not a web address: write it as https://doorstep.example", address)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// words runs one template.
func (c *Composer) words(name string, data any) (string, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := c.wording.ExecuteTemplate(b, name, data); err != nil {
		return "", fmt.Errorf("message wording: %w", err)
	}
	return b.String(), nil
}

// buffers are reused between messages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// wording is the name that a kind's subject, text and HTML go by.
func (k Kind) wording() string {
	if k == KindTeamDigest {
		return string(KindDigest)
	}
	return string(k)
}

// tryAll renders a sample of everything, so that a slip in the wording shows at
// the start and not with the first overdue duty.
func (c *Composer) tryAll() error {
	now := time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)
	before, after := now.AddDate(0, 0, -3), now.AddDate(0, 0, 2)
	var samples []Message
	for _, ladder := range []string{"routine", "urgent", "immediate"} {
		for _, due := range []time.Time{before, now, after} {
			for _, rung := range []string{"start", "due"} {
				r := Reminder{CaseRef: "KN-1", Duty: "see-child-again", Title: "See the child again", Attempt: 1,
					Ladder: ladder, Rung: rung, Role: "manager", OwnerRole: "practitioner", OwnerID: "W1", CoverFor: "W2",
					Opened: before, OpensFrom: after, Due: due, Why: "5 working days", Basis: BasisLocal, Clause: "3.2", Merged: true}
				mine := Reminder{CaseRef: "KN-1", Title: "See the child again", Ladder: ladder, Rung: rung, Due: due}
				samples = append(samples, Message{Kind: KindReminder, Reminders: []Reminder{r}},
					Message{Kind: KindReminder, Reminders: []Reminder{mine}}, Message{Kind: KindReminder, Reminders: []Reminder{r, mine}})
			}
		}
	}
	full := Digest{On: now, Late: true, DueAt: now.Add(-time.Hour)}
	for _, id := range sectionIDs {
		full.Sections = append(full.Sections, Section{id, []DigestLine{
			{CaseRef: "KN-1", Title: "See the child", Due: before, OwnerRole: "manager", Practitioner: "W1", Attempt: 2, Urgent: true, Note: "a note"},
			{CaseRef: "KN-1", Title: "See the child", Due: after}, {Note: "a note"},
		}})
	}
	teams := full
	teams.Teams = []TeamSummary{{Team: "East", Overdue: 1, DueToday: 1, Coming: 1, Oldest: before, OldestOf: "KN-1"}, {Team: "West"}}
	samples = append(samples, Message{Kind: KindDigest, Digest: &full}, Message{Kind: KindDigest, Digest: &teams},
		Message{Kind: KindDigest, Digest: &Digest{On: now}}, Message{Kind: KindAlert, Alert: &Alert{Title: "Title", Text: "Text"}})
	for _, m := range samples {
		for _, m.Channel = range []string{ByEmail, BySMS} {
			m.Key = "sample"
			if _, err := c.Compose(now, m); err != nil {
				return err
			}
		}
	}
	return nil
}
