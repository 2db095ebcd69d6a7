package pages

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"text/template/parse"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
)

// texts are the pages' templates, by name.
type texts map[string]*template.Template

// pageSuffix ends the names of files that are a page; *.tmpl else is shared by all.
const pageSuffix = ".page.html.tmpl"

// pageNames are the pages that there are.
var pageNames = []string{
	"account",
	"audit",
	"case",
	"contact",
	"decide",
	"do",
	"done-already",
	"duties",
	"emergency",
	"ended",
	"error",
	"help",
	"import",
	"import-preview",
	"lookup",
	"mine",
	"overdue",
	"print",
	"print-batch",
	"print-item",
	"privacy",
	"readiness",
	"people",
	"people-cases",
	"people-person",
	"record",
	"reports",
	"saved-before",
	"signin",
	"signin-failed",
	"undelivered",
	"undone-already",
	"visit",
	"void",
}

// CheckTexts says what is wrong with the pages' texts.
func CheckTexts(folder fs.FS) error {
	_, err := readTexts(folder)
	return err
}

// inPath finds where the texts write a reference or an id into the path of an address. It
// may hold what divides addresses, as in CF/2024/7, which html/template leaves as it is:
// wherever one stands it is escaped, so that no text has to think of it.
var inPath = regexp.MustCompile(`(/(?:cases|void|do|people)/)\{\{([^{}]+)\}\}`)

// aboutInWords is what a line of the audit trail is about: a name of ours in words, or what
// says in words already, with ids and references as they are.
func aboutInWords(about string) string {
	if strings.Contains(about, " ") {
		return about
	}
	return strings.ReplaceAll(about, "-", " ")
}

// readTexts reads the pages' texts: each NAME.page.html.tmpl is a page, with what the
// other files define.
func readTexts(folder fs.FS) (texts, error) {
	functions := template.FuncMap{
		"words":    func(s string) string { return strings.ReplaceAll(s, "-", " ") },
		"ends":     strings.HasSuffix,
		"about":    aboutInWords,
		"channel":  pathway.ChannelInWords,
		"capital":  pathway.Capitalised,
		"values":   strings.NewReplacer("-", " ", "=", ": ", ";", "; ").Replace, // of an event
		"language": pathway.LanguageName,
		"list":     func(items ...any) []any { return items },
		"segment":  url.PathEscape,
		"parts":    func(s string) []string { return strings.Split(s, ";") }, // of an event's value
	}
	files, err := fs.Glob(folder, "*.tmpl")
	if err != nil {
		return nil, err
	}
	shared := template.New("pages").Funcs(functions).Option("missingkey=error")
	var pages []string
	read := func(into *template.Template, file string) error {
		data, err := fs.ReadFile(folder, file)
		if err == nil {
			_, err = into.New(file).Parse(inPath.ReplaceAllString(string(data), "$1{{$2 | segment}}"))
		}
		if err != nil {
			return fmt.Errorf("wording pages/%s: %w", file, err)
		}
		return nil
	}
	for _, file := range files {
		if strings.HasSuffix(file, pageSuffix) {
			pages = append(pages, file)
		} else if err := read(shared, file); err != nil {
			return nil, err
		}
	}
	t := texts{}
	for _, file := range pages {
		all, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if err := read(all, file); err != nil {
			return nil, err
		}
		page := template.New("pages").Funcs(functions).Option("missingkey=error")
		if err := addUsed(page, all, "layout"); err != nil {
			return nil, fmt.Errorf("wording pages/%s: %w", file, err)
		}
		t[strings.TrimSuffix(path.Base(file), pageSuffix)] = page
	}
	for _, name := range pageNames {
		if t[name] == nil {
			return nil, fmt.Errorf("wording pages/%s%s is missing: doorstep wording export has it", name, pageSuffix)
		}
	}
	return t, nil
}

// addUsed adds a template to a page, and those that it calls. Of what all pages share each
// uses a little, and a page keeps its own of whatever it has.
func addUsed(page, all *template.Template, name string) error {
	used := all.Lookup(name)
	if page.Lookup(name) != nil || used == nil || used.Tree == nil {
		return nil // whoever calls what there is not is told when the page is shown
	}
	if _, err := page.AddParseTree(name, used.Tree); err != nil {
		return err
	}
	return addCalled(page, all, used.Tree.Root)
}

func addCalled(page, all *template.Template, node parse.Node) (err error) {
	branches := func(b *parse.BranchNode) error {
		err := addCalled(page, all, b.List)
		if b.ElseList != nil {
			err = errors.Join(err, addCalled(page, all, b.ElseList))
		}
		return err
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, within := range n.Nodes {
			err = errors.Join(err, addCalled(page, all, within))
		}
	case *parse.IfNode:
		err = branches(&n.BranchNode)
	case *parse.WithNode:
		err = branches(&n.BranchNode)
	case *parse.RangeNode:
		err = branches(&n.BranchNode)
	case *parse.TemplateNode:
		err = addUsed(page, all, n.Name)
	}
	return err
}

// moment is a time as pages show it: its fields are its own, which templates find faster.
type moment = notify.Moment

func (v *visit) moment(t time.Time) moment {
	return notify.MomentOf(t, v.now, v.Rules.Calendar.Location())
}

// sheet is what every page's template sees.
type sheet struct {
	Styles       string // where the stylesheet is
	Organisation string
	Demo         bool
	Person       *pathway.Person // who is signed in; nil: nobody
	Menu         []menuEntry
	Here         string // the page's own name
	Now          moment
	P            any // the page's own
	visit        *visit
}

// At is a time as people are told it.
func (s *sheet) At(t time.Time) moment { return s.visit.moment(t) }

// Past reports whether a time is over.
func (s *sheet) Past(t time.Time) bool { return !t.After(s.visit.now) }

// Name is what a member of staff is called.
func (s *sheet) Name(id string) string { return s.visit.staff.nameOf(id) }

// PathwayTitle is what a pathway is called; its id where it is known no more.
func (s *sheet) PathwayTitle(id string) string {
	if p := s.visit.Rules.Pathway(id); p != nil {
		return p.Title
	}
	return id
}

// Phone is the number of a member of staff; empty: none is known.
func (s *sheet) Phone(id string) string { return s.visit.staff.phoneOf(id) }

// Away reports whether a colleague is away now.
func (s *sheet) Away(p pathway.Person) bool { return p.Away(s.visit.now) }

// Me reports whether it is the one who is signed in.
func (s *sheet) Me(id string) bool { return s.Person != nil && s.Person.ID == id }

// May reports whether whoever is signed in may do a deed that is about no case.
func (s *sheet) May(do pathway.Deed) bool {
	may, _ := pathway.May(s.visit.who, pathway.Action{Do: do}, nil)
	return may
}

// MayInEmergency reports whether whoever is signed in may open a case that is not theirs.
func (s *sheet) MayInEmergency() bool { return s.visit.who != nil && s.visit.mayInEmergency() }

// rendered are the memories that pages are rendered into, one after the other; a larger
// one than largestKept is given back.
var rendered = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const largestKept = 256 << 10

// show renders a page as a whole before any of it is sent.
func (v *visit) show(status int, name string, values any) error {
	t := v.texts[name]
	if t == nil {
		return fmt.Errorf("there is no wording for the page %s", name)
	}
	s := sheet{Styles: v.styles.path, Organisation: v.Organisation, Demo: v.Demo, Person: v.person, Menu: v.menu(), Here: name,
		Now: v.moment(v.now), P: values, visit: v}
	if name == "error" {
		s.Person, s.Menu = nil, nil
	}
	out, packed := rendered.Get().(*bytes.Buffer), rendered.Get().(*bytes.Buffer)
	defer func() {
		for _, used := range []*bytes.Buffer{out, packed} {
			if used.Cap() <= largestKept {
				used.Reset()
				rendered.Put(used)
			}
		}
	}()
	if err := t.ExecuteTemplate(out, "layout", &s); err != nil {
		return err
	}
	if is, err := v.lookUpStaff(); err != nil {
		return err
	} else if is {
		out.Reset()
		if err := t.ExecuteTemplate(out, "layout", &s); err != nil {
			return err
		}
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	sent, err := v.compressed(out, packed)
	if err != nil {
		return err
	}
	v.w.WriteHeader(status)
	if _, err := sent.WriteTo(v.w); err != nil {
		v.Log.Debug("a page was not read to its end", "reason", err)
	}
	return nil
}

// goTo sends the browser on, after something has been saved.
func (v *visit) goTo(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}
