package postcards

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
)

const (
	cardTable   = "cards/cards.yaml"
	letterTable = "letters/letters.yaml"
)

var (
	cardVariants   = []string{CardRearrange, CardFinal, CardRevisit}
	letterVariants = []string{LetterAppointment, LetterMissed, LetterReOffer}
)

// readTables reads which card and letter an event calls for.
func readTables(files fs.FS, found *faults) *Choice {
	var cards struct {
		Table map[string]cardRow `yaml:"table"`
	}
	var letters struct {
		Table map[string]letterRow `yaml:"table"`
	}
	if readYAML(files, cardTable, &cards, found) {
		for _, id := range slices.Sorted(maps.Keys(cards.Table)) {
			r := cards.Table[id]
			for _, cell := range []struct{ key, value string }{
				{"attempt_1", r.First}, {"later", r.Later}, {"with_visit_booked", r.Booked},
			} {
				checkCell(files, found, cardTable, id, cell.key, cell.value, cardVariants)
			}
			if r.First == CardRevisit || r.Later == CardRevisit {
				placed(files, found, cardTable, id, "has %s where no visit is booked: it would announce a visit without a date", CardRevisit)
			}
			if r.First == CardFinal || r.Booked == CardFinal {
				placed(files, found, cardTable, id, "has %s for a first visit or beside a booked one: it may only stand under later", CardFinal)
			}
		}
	}
	if readYAML(files, letterTable, &letters, found) {
		for _, id := range slices.Sorted(maps.Keys(letters.Table)) {
			r := letters.Table[id]
			for _, cell := range []struct{ key, value string }{
				{"appointment_offered", r.Offered}, {"offered_after_missed", r.AfterMissed}, {"not_brought", r.NotBrought},
			} {
				checkCell(files, found, letterTable, id, cell.key, cell.value, letterVariants)
			}
			if r.NotBrought != LetterReOffer {
				placed(files, found, letterTable, id, "has a letter with a date under not_brought, where no appointment is booked: use %s", LetterReOffer)
			}
		}
	}
	return &Choice{cards: cards.Table, letters: letters.Table}
}

func checkCell(files fs.FS, found *faults, file, id, key, value string, known []string) {
	if !slices.Contains(known, value) {
		placed(files, found, file, id, "%s is %q: use %s", key, value, strings.Join(known, ", "))
	}
}

// placed notes a mistake in the line that begins with a pathway's id.
func placed(files fs.FS, found *faults, file, id, format string, args ...any) {
	line, column := 0, 0
	if text, ok := readFile(files, file, &faults{}); ok {
		for n, l := range strings.Split(text, "\n") {
			if rest := strings.TrimLeft(l, " "); strings.HasPrefix(rest, id+":") {
				line, column = n+1, len(l)-len(rest)+1
			}
		}
	}
	found.add(file, line, column, id+": "+format, args...)
}
