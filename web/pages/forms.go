package pages

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// form is what somebody has filled in, and what is wrong with it.
type form struct {
	values url.Values
	Errors []fieldError // in the order of the fields
	Held   bool         // it was kept when the session ended, and is not saved
	Lost   bool         // what was kept like that is not there any more
}

// fieldError is what is wrong with one field: a Code that the wording knows, or what
// Says so already.
type fieldError struct{ Field, Code, Says string }

// Value is what a field holds, without the marks that change how what is around it is
// read: an address with some in it can come from anybody.
func (f *form) Value(field string) string { return pathway.CleanedText(f.values.Get(field)) }

// Has reports whether a field holds a value, of several too.
func (f *form) Has(field, value string) bool { return slices.Contains(f.values[field], value) }

// Error is what is wrong with a field; nil: nothing.
func (f *form) Error(field string) *fieldError {
	for i := range f.Errors {
		if f.Errors[i].Field == field {
			return &f.Errors[i]
		}
	}
	return nil
}

// wrong notes that something is wrong with a field, once: what is read again, to say what
// follows, is not wrong twice.
func (f *form) wrong(field, code string) { f.note(fieldError{field, code, ""}) }

func (f *form) note(e fieldError) {
	if !slices.Contains(f.Errors, e) {
		f.Errors = append(f.Errors, e)
	}
}

// says notes what is wrong with a field in the words of the check, which leave out what
// they are about.
func (f *form) says(field, says string) {
	first, _, _ := strings.Cut(says, " ")
	if slices.Contains([]string{"is", "lies", "holds", "does", "has", "cannot"}, first) {
		says = "This " + says
	} else {
		says = strings.ToUpper(says[:1]) + says[1:]
	}
	f.note(fieldError{field, "says", says})
}

// named sends the browser on to the same address with an id for what is to be saved, so
// that going back leads to the same form and not to a new one; false: it has one.
func (v *visit) named() (sent bool, err error) {
	query := v.r.URL.Query()
	if query.Get("event_id") != "" || query.Has("held") {
		return false, nil
	}
	query.Set("event_id", newID())
	return true, v.goTo(v.r.URL.EscapedPath() + "?" + query.Encode())
}

// nameForm gives a form an id that has lost it, or what it saves could not be told from
// what others have saved.
func nameForm(f url.Values) {
	if f.Get("event_id") == "" {
		f.Set("event_id", newID())
	}
}

// newID is an id that nobody can guess and that never comes twice.
func newID() string { return rand.Text() }

// formKeptFor is how long what a form held is kept.
const formKeptFor = 30 * time.Minute

// keepForm keeps what was filled in by somebody whose session has ended, and shows how
// to go on. It is not saved.
func (v *visit) keepForm() error {
	form := v.formAt(v.r.URL.EscapedPath())
	next := form.EscapedPath()
	isFile := strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/")
	if token := v.ownToken(); token != "" && isFile { // read to its end, so that the browser reads the answer; nothing is kept
		if ended, err := v.Store.Session(v.ctx(), token); err == nil && ended != nil {
			io.CopyN(io.Discard, &patientReader{v, v.r.Body}, largestUpload+largestForm)
		}
	}
	if token := v.ownToken(); token != "" && len(v.r.PostForm) > 0 {
		ended, err := v.Store.Session(v.ctx(), token)
		if err != nil {
			return err
		}
		if ended != nil && ended.Person != "" {
			held := store.HeldForm{ID: newID(), Person: ended.Person, Path: form.Path, Body: v.r.PostForm.Encode(), Expires: v.now.Add(formKeptFor)}
			if err := v.Store.HoldForm(v.ctx(), v.now, held); err != nil {
				return err
			}
			next += "?held=" + held.ID
		}
	}
	return v.show(http.StatusUnauthorized, "ended", struct {
		Next   string
		IsFile bool
	}{"/signin?next=" + url.QueryEscape(next), isFile})
}

// formAt is the page with the form that is sent to a path: the path itself, or the nearest
// above it that can be looked at.
func (v *visit) formAt(sentTo string) *url.URL {
	for ; sentTo != "/"; sentTo = path.Dir(sentTo) {
		at, err := url.Parse(sentTo)
		if err != nil {
			continue
		}
		if _, pattern := v.mux.Handler(&http.Request{Method: http.MethodGet, URL: at, Host: v.r.Host}); strings.HasPrefix(pattern, http.MethodGet+" ") {
			return at
		}
	}
	return &url.URL{Path: "/"}
}

// heldForm returns what was kept of a form when its session ended; nil where the address
// speaks of none. One that is kept no more is empty, and says so.
func (v *visit) heldForm() (*form, error) {
	id := v.r.URL.Query().Get("held")
	if id == "" {
		return nil, nil
	}
	body, is, err := v.Store.HeldForm(v.ctx(), v.now, id, v.person.ID, v.r.URL.Path)
	if err != nil {
		return nil, err
	}
	if !is {
		return &form{values: url.Values{"event_id": {newID()}}, Lost: true}, nil
	}
	values, err := url.ParseQuery(body)
	return &form{values: values, Held: true}, err
}
