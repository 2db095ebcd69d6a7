package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// importPages are those of a file on its way in; takeUpload reads its own.
func (a *app) importPages() map[string]page {
	return map[string]page{
		"GET /import":                       a.showImport,
		"GET /import/{upload}":              a.showPreview,
		"POST /import/{upload}":             a.importUpload,
		"POST /import/{upload}/discard":     a.discardUpload,
		"GET /import/{upload}/rejected.csv": a.rejectedRows,
	}
}

// preview is what a file would change, or has changed.
type preview struct {
	intake.Imported
	Wrong       []intake.Fault // why none of it can be taken in
	More        int            // further bad rows
	fingerprint string         // of the file and of all that was shown
}

// Good is how many rows would come in.
func (p *preview) Good() int { return p.Added + p.Changed + p.Unchanged }

// importSheet is the page on which a file is chosen.
type importSheet struct {
	*form
	Mappings []shownMapping
	Gone     bool   // what was waiting is not there any more
	Holds    string // what the files hold, as import --help says it
}

type shownMapping struct{ Name, Title, For string }

// previewSheet is what a file would change, for somebody to decide.
type previewSheet struct {
	ID, File, Of string
	*preview
	Fingerprint string
	Rows        bool // they may see which; else only how many
	Kept        bool // it has been taken in
	Meanwhile   bool // something has changed since it was shown
	Untick      bool // the large change was not ticked
	Until       time.Time
	zone        *time.Location
}

func (a *app) showImport(v *visit) error {
	if err := v.enter("import page", pathway.DeedImport); err != nil {
		return err
	}
	return v.show(http.StatusOK, "import", v.importSheet(&form{values: url.Values{"of": {intake.Events}}}))
}

func (v *visit) importSheet(f *form) *importSheet {
	s := &importSheet{form: f, Gone: v.r.URL.Query().Has("gone")}
	var holds strings.Builder
	_ = intake.WriteHelp(&holds, "") // a builder takes everything
	s.Holds = holds.String()
	for _, name := range slices.Sorted(maps.Keys(v.Mappings)) {
		m := v.Mappings[name]
		s.Mappings = append(s.Mappings, shownMapping{name, m.Title, m.For})
	}
	return s
}

// takeUpload keeps a file, looks through it, and leads to what it would change.
func (a *app) takeUpload(v *visit) error {
	if err := v.enter("import page", pathway.DeedImport); err != nil {
		return err
	}
	values, u, err := v.readUpload()
	f := &form{values: url.Values{"of": {values["of"]}, "mapping": {values["mapping"]}, "sheet": {values["sheet"]}}}
	refuse := func(status int, field, code string) error {
		f.wrong(field, code)
		return v.show(status, "import", v.importSheet(f))
	}
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "file", "upload-large")
	case errors.Is(err, errNoFile):
		return refuse(http.StatusUnprocessableEntity, "file", "upload-none")
	case errors.Is(err, errEmptyFile):
		return refuse(http.StatusUnprocessableEntity, "file", "upload-empty")
	case errors.Is(err, errNoForm), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded), err != nil && v.ctx().Err() != nil:
		return refuse(http.StatusBadRequest, "file", "upload-broken")
	case err != nil:
		return err
	}
	if !slices.Contains(intake.Sorts, f.Value("of")) {
		u.file.Close()
		return refuse(http.StatusUnprocessableEntity, "of", "upload-of")
	}
	u.source.Of, u.source.Sheet, u.mapping = f.Value("of"), strings.TrimSpace(f.Value("sheet")), f.Value("mapping")
	if u.source.Mapping, err = intake.FindMapping(v.Mappings, f.Value("mapping"), u.source.Of); err != nil {
		u.file.Close()
		f.says("mapping", err.Error())
		return v.show(http.StatusUnprocessableEntity, "import", v.importSheet(f))
	}
	u.person, u.at = v.person.ID, v.now
	if u.preview, err = v.lookThrough(u, v.now); err != nil {
		u.file.Close()
		return err
	}
	a.uploads.keep(v.now, u)
	return v.goTo("/import/" + u.id)
}

// lookThrough says what a file would change, and keeps nothing of it.
func (v *visit) lookThrough(u *upload, now time.Time) (*preview, error) {
	v.takesLong()
	done, err := v.Importer.Import(v.ctx(), now, u.content(), u.source, intake.ImportOptions{DryRun: true, Partial: true, Who: v.person.ID})
	p := &preview{Imported: done}
	if err != nil && done.MassChange == "" {
		faults := (*intake.Faults)(nil)
		if !errors.As(err, &faults) {
			return nil, err
		}
		p.Wrong, p.More = faults.List, faults.More
	}
	p.fingerprint = u.fingerprint(p)
	return p, nil
}

// fingerprint is a hash of a file and of what it would change: it is taken in only as it
// was shown.
func (u *upload) fingerprint(p *preview) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %q %q %d %d %d %q", u.hash, u.source.Of, u.mapping, u.source.Sheet, p.Added, p.Changed, p.Unchanged, p.MassChange)
	for i := range p.Fields {
		fmt.Fprintf(h, "\n%s", &p.Fields[i])
	}
	for i := range p.Rejected {
		fmt.Fprintf(h, "\n%q", p.Rejected[i].In(""))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// takesLong gives the answer to a large file time.
func (v *visit) takesLong() {
	if err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(uploadWorks)); err != nil {
		v.Log.Debug("an answer cannot be given more time", "reason", err)
	}
}

// upload returns the file that an address names; nil: it is not there any more, and the
// browser has been led to where it can be sent again.
func (v *visit) upload() (*upload, error) {
	if err := v.enter("import page", pathway.DeedImport); err != nil {
		return nil, err
	}
	u := v.uploads.find(v.now, v.r.PathValue("upload"), v.person.ID)
	if u == nil {
		return nil, v.goTo("/import?gone")
	}
	return u, nil
}

// seesRows reports whether somebody is shown which rows, and not only how many.
func (v *visit) seesRows() bool {
	_, because := pathway.May(v.who, pathway.Action{Do: pathway.DeedImport}, nil)
	return because != pathway.TheirRight
}

func (v *visit) showUpload(status int, u *upload, change func(*previewSheet)) error {
	s := &previewSheet{ID: u.id, File: u.source.Name, Of: u.source.Of, preview: u.preview, Rows: v.seesRows(), Until: u.at.Add(uploadLasts), zone: v.Rules.Calendar.Location()}
	if u.done != nil {
		s.preview, s.Kept = u.done, true
	}
	s.Fingerprint = s.fingerprint
	if change != nil {
		change(s)
	}
	return v.show(status, "import-preview", s)
}

func (a *app) showPreview(v *visit) error {
	u, err := v.upload()
	if err != nil || u == nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return v.showUpload(http.StatusOK, u, nil)
}

// importUpload takes a file in, as it was shown. Sent a second time it shows what became
// of it.
func (a *app) importUpload(v *visit) error {
	u, err := v.upload()
	if err != nil || u == nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done != nil {
		return v.goTo("/import/" + u.id)
	}
	allow := v.r.PostFormValue("allow") == "yes"
	if u.preview.MassChange != "" && !allow {
		return v.showUpload(http.StatusUnprocessableEntity, u, func(s *previewSheet) { s.Untick = true })
	}
	now, err := v.lookThrough(u, v.now)
	if err != nil {
		return err
	}
	if now.fingerprint != v.r.PostFormValue("shown") || len(now.Wrong) > 0 {
		u.preview = now
		return v.showUpload(http.StatusConflict, u, func(s *previewSheet) { s.Meanwhile = true })
	}
	v.takesLong()
	done, err := v.Importer.Import(v.ctx(), v.now, u.content(), u.source, intake.ImportOptions{Partial: true, AllowMassChange: allow, Who: v.person.ID})
	if err != nil {
		return err
	}
	if err := v.keepRejected(u, done.Rejected); err != nil {
		v.Log.Error("the rows that were left out of an import cannot be kept", "reason", err)
	}
	u.done = &preview{Imported: done, fingerprint: now.fingerprint}
	if err := v.audit("", string(pathway.DeedImport), fmt.Sprintf("%s, %s", u.source.Of, pathway.Counted(u.done.Good(), "row")), ""); err != nil {
		return err
	}
	if err := v.Store.NoteArrival(v.ctx(), v.now, u.source.Of, v.now); err != nil {
		v.Log.Error("cannot note that a file came by a page", "of", u.source.Of, "error", err)
	}
	return v.goTo("/import/" + u.id)
}

// keepRejected keeps of a file that was taken in the rows that were left out, and nothing
// else.
func (v *visit) keepRejected(u *upload, rejected []intake.Fault) error {
	whole := u.file
	defer whole.Close()
	if len(rejected) == 0 {
		return nil
	}
	from, to := io.Pipe()
	go func() { to.CloseWithError(v.Importer.CopyRejected(to, v.now, u.content(), u.source, rejected)) }()
	kept, err := intake.Spool(from)
	if err != nil {
		return err
	}
	info, err := kept.Stat()
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	u.file, u.size = kept, info.Size()
	return nil
}

// discardUpload throws a file away.
func (a *app) discardUpload(v *visit) error {
	u, err := v.upload()
	if err != nil || u == nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	v.uploads.remove(u.id)
	return v.goTo("/import")
}

// rejectedRows hands over the rows that are left out, each with the reason beside it.
func (a *app) rejectedRows(v *visit) error {
	u, err := v.upload()
	if err != nil || u == nil {
		return err
	}
	if !v.seesRows() {
		return v.refuse("", pathway.Action{Do: pathway.DeedImport}, string(pathway.NotInRole))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.preview.Rejected) == 0 {
		return errNotFound
	}
	if err := v.audit("", string(pathway.DeedExport), "rejected rows of "+u.source.Of, ""); err != nil {
		return err
	}
	v.takesLong()
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+u.source.Of+`.rejected.csv"`)
	if u.done != nil {
		_, err := io.Copy(v.w, u.content())
		return v.breakOff(err)
	}
	return v.breakOff(v.Importer.CopyRejected(v.w, v.now, u.content(), u.source, u.preview.Rejected))
}

// ShownFields are the fields that would change, times as people are told them.
func (s *previewSheet) ShownFields() []store.FieldCount {
	shown := slices.Clone(s.Fields)
	for i := range shown {
		shown[i].Examples = slices.Clone(shown[i].Examples)
		for n := range shown[i].Examples {
			e := &shown[i].Examples[n]
			e.Old, e.New = s.inWords(e.Old), s.inWords(e.New)
		}
	}
	return shown
}

// inWords is a value as people read it: a time has the organisation's zone and no offset.
func (s *previewSheet) inWords(value string) string {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return t.In(s.zone).Format("Mon 2 January 2006, 15:04")
}

// ShownFaults are why rows are left out, the first hundred.
func (s *previewSheet) ShownFaults() []intake.Fault {
	faults := s.Rejected
	if len(s.Wrong) > 0 {
		faults = s.Wrong
	}
	return faults[:min(len(faults), shownFaults)]
}

// shownFaults is how many faults a page shows; rejected.csv has all.
const shownFaults = 100
