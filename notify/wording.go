package notify

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	netmail "net/mail"
	"net/url"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
	"time"

	"example.org/doorstep/notify/origin"
)

// Settings are the organisation's values that every message uses.
type Settings struct {
	From             string // "Doorstep <doorstep@example.org>"
	OrganisationName string
	ServiceName      string
	PublicURL        string         // where the pages are; empty: there are none, and messages have no link to one
	RecordSystem     string         // the name by which staff know it; empty: things are recorded on the pages
	RecordLink       string         // opens a case there, LinkReference standing for its reference; empty: none
	Location         *time.Location // of the times people read; nil: UTC
	// Origin are the installation's keys. Only words can be composed without.
	Origin origin.Keys
}

// LongestSystemName is how many characters of Settings.RecordSystem leave every text room
// for what it is about.
const LongestSystemName = 30

// LinkReference stands for a case's reference in Settings.RecordLink.
const LinkReference = "{ref}"

// Composer renders messages in the words of the wording files. It may be used
// from several goroutines at once.
type Composer struct {
	settings Settings
	from     *netmail.Address
	text     *template.Template
	html     *htmltemplate.Template // of the same files
	said     *forms                 // of text; nil: the wording is still being tried
	shown    *forms                 // of html; the same
	frames   frames
	segments int // a text takes at most so many
}

// NewComposer reads the wording files, *.tmpl at the root of wording, looks for
// what no message may say, and tries each on a sample message. An error names the
// file, the line and, but for a slip in the template language, the column; it has
// a line for each thing that must not be said.
//
// {{define "sms-segments"}}2{{end}} in any of them lets a text take two segments,
// or three; without it, it takes one.
//
// All can use each other's sentences. Those that end in .html.tmpl, and whatever
// they use, are html/template's: each value is escaped for where it stands.
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
	c.settings.RecordSystem = clean(settings.RecordSystem)
	c.settings.OrganisationName = clean(settings.OrganisationName)
	c.settings.ServiceName = clean(settings.ServiceName)

	c.frames = newFrames(c.from)
	c.text, c.html = template.New(""), htmltemplate.New("")
	files := map[string]string{}
	names, err := fs.Glob(wording, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("message wording: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(wording, name)
		if err != nil {
			return nil, fmt.Errorf("message wording: %w", err)
		}
		files[name] = string(content)
		if _, err := c.text.New(name).Parse(files[name]); err != nil {
			return nil, wordingError(err)
		}
		if _, err := c.html.New(name).Parse(files[name]); err != nil {
			return nil, wordingError(err)
		}
	}
	if c.segments, err = lint(files); err != nil {
		return nil, err
	}
	if err := lintHTML(c.html, files); err != nil {
		return nil, err
	}
	if err := c.tryAll(files); err != nil {
		return c, err
	}
	trees := func(name string) *parse.Tree { // html's do the same with their values
		if t := c.text.Lookup(name); t != nil {
			return t.Tree
		}
		return nil
	}
	c.said, c.shown = newForms(c.text, trees, asIs), newForms(c.html, trees, htmlText)
	return c, nil
}

// wordingError begins with the file and the line.
func wordingError(err error) error {
	return fmt.Errorf("message wording: %s", strings.TrimPrefix(err.Error(), "template: "))
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

// words gives what one template gives for text.
func (c *Composer) words(name string, data any) (string, error) {
	if c.said != nil && repeats(data) {
		return c.said.words(name, data)
	}
	return execute(c.text, name, data)
}

// htmlWords gives what one template gives for HTML.
func (c *Composer) htmlWords(name string, data any) (string, error) {
	if c.shown != nil && repeats(data) {
		return c.shown.words(name, data)
	}
	return execute(c.html, name, data)
}

// repeats reports whether much the same is said again and again: a few reminders are, a
// digest is of one day.
func repeats(data any) bool {
	switch v := data.(type) {
	case *reminderView:
		return true
	case *view:
		return len(v.Reminders) > 0 && len(v.Reminders) <= fewReminders
	}
	return false
}

const fewReminders = 3

func execute(templates interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}, name string, data any) (string, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := templates.ExecuteTemplate(b, name, data); err != nil {
		return "", wordingError(err)
	}
	return b.String(), nil
}

// buffers are reused between messages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// wording is the name that a kind's subject, text and HTML go by.
func (k Kind) wording() string {
	switch k {
	case KindTeamDigest, KindChairDigest:
		return string(KindDigest)
	case KindNotice:
		return string(KindAlert)
	}
	return string(k)
}
