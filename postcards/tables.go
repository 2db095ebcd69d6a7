package postcards

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

const (
	cardTable   = "cards/cards.yaml"
	letterTable = "letters/letters.yaml"
)

// cardRow is a pathway's row of the table in cards/cards.yaml.
type cardRow struct {
	First  string `yaml:"attempt_1"`
	Later  string `yaml:"later"`
	Booked string `yaml:"with_visit_booked"`
}

// letterRow is a pathway's row of the table in letters/letters.yaml.
type letterRow struct {
	Offered     string `yaml:"appointment_offered"`
	AfterMissed string `yaml:"offered_after_missed"`
	NotBrought  string `yaml:"not_brought"`
}

// LoadTables reads the tables of the wording files. The error lists every fault as
// file:line:column.
func LoadTables(wording fs.FS) (*pathway.PaperTables, error) {
	var found faults
	tables := readTables(wording, &found)
	if err := found.orNil(); err != nil {
		return nil, err
	}
	return tables, nil
}

// readTables reads which cards and letters a pathway uses.
func readTables(files fs.FS, found *faults) *pathway.PaperTables {
	tables := &pathway.PaperTables{Cards: map[string]pathway.CardChoice{}, Letters: map[string]pathway.LetterChoice{}, Languages: map[string]bool{}}
	letterLanguages := languagesOf(files, "letters")
	for _, language := range languagesOf(files, "cards") {
		tables.Languages[language] = slices.Contains(letterLanguages, language)
	}
	var cards struct {
		Table map[string]cardRow `yaml:"table"`
	}
	var letters struct {
		Table map[string]letterRow `yaml:"table"`
	}
	if readYAML(files, cardTable, &cards, found) {
		for _, id := range slices.Sorted(maps.Keys(cards.Table)) {
			r := cards.Table[id]
			tables.Cards[id] = pathway.CardChoice(r)
			for _, cell := range []struct{ key, value string }{
				{"attempt_1", r.First}, {"later", r.Later}, {"with_visit_booked", r.Booked},
			} {
				checkCell(files, found, cardTable, id, cell.key, cell.value, pathway.CardVariants())
			}
			if r.First == pathway.CardRevisit || r.Later == pathway.CardRevisit {
				placed(files, found, cardTable, id, "has %s where no visit is booked: it would announce a visit without a date", pathway.CardRevisit)
			}
			if r.First == pathway.CardFinal || r.Booked == pathway.CardFinal {
				placed(files, found, cardTable, id, "has %s for a first visit or beside a booked one: it may only stand under later", pathway.CardFinal)
			}
		}
	}
	if readYAML(files, letterTable, &letters, found) {
		for _, id := range slices.Sorted(maps.Keys(letters.Table)) {
			r := letters.Table[id]
			tables.Letters[id] = pathway.LetterChoice(r)
			for _, cell := range []struct{ key, value string }{
				{"appointment_offered", r.Offered}, {"offered_after_missed", r.AfterMissed}, {"not_brought", r.NotBrought},
			} {
				checkCell(files, found, letterTable, id, cell.key, cell.value, pathway.LetterVariants())
			}
			if r.NotBrought != pathway.LetterReOffer {
				placed(files, found, letterTable, id, "has a letter with a date under not_brought, where no appointment is booked: use %s", pathway.LetterReOffer)
			}
		}
	}
	return tables
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
