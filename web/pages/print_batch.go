package pages

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// batchSheet is a batch, as far as it is of cases that whoever looks may print for.
type batchSheet struct {
	*printing.Batch
	How    printing.Options
	Sheets []batchFile
	Covers []string      // names of files
	Listed []store.Print // at most mostPrints
	Of     int           // so many in all
	Others int           // of cases that are not theirs
	// Whole says that all in it is theirs: nobody else is handed its files.
	Whole bool
}

// batchFile is one file of a batch to be downloaded.
type batchFile struct {
	store.PrintFile
	Name string
}

// batch finds the batch that an address names. One of which nothing is theirs is one that
// there is not.
func (v *visit) batch() (*batchSheet, error) {
	number, err := strconv.ParseInt(v.r.PathValue("batch"), 10, 64)
	if err != nil || number <= 0 {
		return nil, errNotFound
	}
	made, how, err := printing.ReadBatch(v.ctx(), v.Store, number)
	if pathway.ProblemOf(err) == pathway.NotFound {
		return nil, v.refuse("", pathway.Action{Do: pathway.DeedPrint}, "no-such-batch")
	}
	if err != nil {
		return nil, err
	}
	s := &batchSheet{Batch: made, How: how}
	var items []store.Print
	refs := map[string]bool{}
	for p, err := range v.Store.BatchItems(v.ctx(), number, "") {
		if err != nil {
			return nil, err
		}
		p.Input = ""
		items, refs[p.Case] = append(items, p), true
	}
	notes := []*[]printing.Note{&made.Notes.Pull, &made.Notes.Calls, &made.Notes.Softer, &made.Notes.Waiting}
	for _, list := range notes {
		for _, n := range *list {
			refs[n.Case] = true
		}
	}
	theirs, err := v.Store.Among(v.ctx(), v.printScope(), keysOf(refs))
	if err != nil {
		return nil, err
	}
	if len(theirs) == 0 {
		return nil, v.refuse("", pathway.Action{Do: pathway.DeedPrint}, string(pathway.NotTheirs))
	}
	s.Whole = len(theirs) == len(refs)
	for _, list := range notes {
		*list = slices.DeleteFunc(*list, func(n printing.Note) bool { return !theirs[n.Case] })
	}
	for _, p := range items {
		switch {
		case !theirs[p.Case]:
			s.Others++
			continue
		case len(s.Listed) < mostPrints:
			s.Listed = append(s.Listed, p)
		}
		s.Of++
	}
	files, covers := made.FileNames(how)
	for i, name := range files {
		s.Sheets = append(s.Sheets, batchFile{made.Files[i], name})
	}
	s.Covers = covers
	return s, nil
}

func keysOf(set map[string]bool) (keys []string) {
	for key := range set {
		keys = append(keys, key)
	}
	return keys
}

func (a *app) showBatch(v *visit) error {
	s, err := v.batch()
	if err != nil {
		return err
	}
	if err := v.audit("", deedPreview, fmt.Sprintf("batch %d", s.Number), ""); err != nil {
		return err
	}
	return v.show(http.StatusOK, "print-batch", s)
}

// sendBatchFile sends a file of a batch, made again from what is on record: the same byte
// for byte.
func (a *app) sendBatchFile(v *visit) error {
	s, err := v.batch()
	if err != nil {
		return err
	}
	name := v.r.PathValue("file")
	files, covers := s.FileNames(s.How)
	at := slices.Index(files, name)
	if !s.Whole || at < 0 && !slices.Contains(covers, name) {
		return errNotFound
	}
	folder, err := os.MkdirTemp("", "doorstep-batch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	place, err := printing.NewPlace(folder)
	if err != nil {
		return err
	}
	made, err := printing.Reprint(v.ctx(), v.now, v.asked(), v.Store, s.Number, place, nil)
	if err != nil {
		return err
	}
	if at >= 0 && slices.Contains(made.Different, s.Files[at].Kind) {
		return pathway.NewProblem(pathway.Conflict, "batch %d cannot be printed as it was: this Doorstep lays pages out otherwise than the one that printed it: print what is needed of it again, one by one", s.Number)
	}
	return v.sendPDF(filepath.Join(folder, name), s.Made)
}

// sendPDF sends a file that was made at an instant, to be kept under its name.
func (v *visit) sendPDF(path string, made time.Time) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := v.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+filepath.Base(path)+`"`)
	http.ServeContent(v.w, v.r, "", made, file)
	return nil
}
