package pages

import (
	"bytes"
	"mime"
	"strconv"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// exportChronology gives everything that happened on a case as a PDF, as the command
// export chronology does.
func (a *app) exportChronology(v *visit) error {
	ref := v.r.PathValue("ref")
	if _, err := v.allowed(ref, pathway.Action{Do: pathway.DeedExport}); err != nil {
		return err
	}
	f, err := casefile.Chronology(v.ctx(), v.Store, v.Rules, ref, v.now)
	if err != nil {
		return err
	}
	room, err := v.PrintRoom()
	if err != nil {
		return err
	}
	printer, err := room.Stationery.Printer()
	if err != nil {
		return err
	}
	var pdf bytes.Buffer
	if err := casefile.WriteChronology(&pdf, f, printer, v.Rules.Calendar); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "chronology-" + ref + ".pdf"}))
	h.Set("Content-Length", strconv.Itoa(pdf.Len()))
	if _, err := pdf.WriteTo(v.w); err != nil {
		v.Log.Debug("a chronology was not read to its end", "reason", err)
	}
	return nil
}
