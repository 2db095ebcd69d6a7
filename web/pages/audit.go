package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// auditSheet is who did what, the newest first.
type auditSheet struct {
	Case, Who string // of which case and by whom; empty: of all
	Lines     []store.AuditEntry
	Older     string // the address of those before; empty: there are none
	CSV       string // the address of all of them as a file
	Checked   bool   // the whole record was looked through
	Broken    int64  // the first line that is not as it was written; 0: all are
}

// auditLines is how many lines a page holds.
const auditLines = 50

// auditFilter is what an address asks for.
func (v *visit) auditFilter() (f store.AuditFilter, err error) {
	q := v.r.URL.Query()
	f.Case, f.Who = strings.TrimSpace(q.Get("case")), strings.TrimSpace(q.Get("person"))
	if text := q.Get("before"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 10, 64); err != nil || f.Before <= 0 {
			return f, unknownField{"before"}
		}
	}
	return f, (&form{values: q}).knows("check", "yes")
}

func (a *app) showAudit(v *visit) error {
	f, err := v.auditFilter()
	if err != nil {
		return err
	}
	f.AtMost = auditLines + 1
	s := &auditSheet{Case: f.Case, Who: f.Who, Checked: v.r.URL.Query().Get("check") != ""}
	lines, err := v.lookAtAudit("audit", f)
	if err != nil {
		return err
	}
	own := url.Values{"case": {f.Case}, "person": {f.Who}}
	s.CSV = "/audit.csv?" + own.Encode()
	if s.Lines = lines; len(lines) > auditLines {
		s.Lines = lines[:auditLines]
		own.Set("before", strconv.FormatInt(s.Lines[auditLines-1].ID, 10))
		s.Older = "/audit?" + own.Encode()
	}
	if s.Checked {
		if s.Broken, err = v.Store.CheckAudit(v.ctx()); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "audit", s)
}

// lookAtAudit returns lines of the record, as far as whoever asks may see it; that they
// do is a line of it too. What they look for is on it where there is any such.
func (v *visit) lookAtAudit(about string, f store.AuditFilter) ([]store.AuditEntry, error) {
	do := pathway.Action{Do: pathway.DeedAudit}
	if may, why := pathway.May(v.who, do, nil); !may {
		return nil, v.refuse("", do, string(why))
	}
	lines, err := v.Store.Audit(v.ctx(), f)
	if err != nil {
		return nil, err
	}
	ref := f.Case
	if len(lines) == 0 {
		ref = ""
	} else if f.Who != "" {
		about += " of " + f.Who
	}
	return lines, v.audit(ref, string(pathway.DeedAudit), about, "")
}

// auditAtATime is how many lines are read together for a file.
const auditAtATime = 2000

// exportAudit writes the lines that were asked for as CSV, the newest first.
func (a *app) exportAudit(v *visit) error {
	f, err := v.auditFilter()
	if err != nil {
		return err
	}
	f.AtMost = auditAtATime
	lines, err := v.lookAtAudit("audit as a file", f)
	if err != nil {
		return err
	}
	sheet := v.csv("audit.csv", "line", "at", "who", "name", "way", "deed", "case", "about", "reason")
	zone := v.Rules.Calendar.Location()
	for len(lines) > 0 {
		ids := make([]string, len(lines))
		for i := range lines {
			ids[i] = lines[i].Who
		}
		names, err := v.Store.StaffNames(v.ctx(), distinct(ids))
		if err != nil {
			return v.breakOff(err)
		}
		for i := range lines {
			e := &lines[i]
			sheet.Row(strconv.FormatInt(e.ID, 10), e.At.In(zone).Format(time.RFC3339), e.Who, names[e.Who], e.Way, e.Deed, e.Case, e.About, e.Reason)
		}
		v.goOn()
		f.Before = lines[len(lines)-1].ID
		if lines, err = v.Store.Audit(v.ctx(), f); err != nil {
			return v.breakOff(err)
		}
	}
	return v.breakOff(sheet.End())
}

// csv begins a file that the browser keeps; nothing in it is a formula to a spreadsheet.
func (v *visit) csv(name string, header ...string) *intake.Sheet {
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return intake.NewSheet(v.w, header...)
}

// answerLasts is how long an answer may take that goes on.
const answerLasts = 30 * time.Second

// goOn gives an answer that has got on more time.
func (v *visit) goOn() {
	if err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(answerLasts)); err != nil {
		v.Log.Debug("an answer cannot be given more time", "reason", err)
	}
}

// breakOff ends an answer that has begun: what is not whole must not look so.
func (v *visit) breakOff(err error) error {
	if err == nil {
		return nil
	}
	v.Log.Warn("an answer was broken off", "reason", err)
	panic(http.ErrAbortHandler)
}
