package postcards

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// The values that wording files can ask for, and those that each must.
var (
	cardValues   = []string{"date", "time", "contact", "next_date", "next_time", "contact_number", "service", "organisation"}
	cardRequired = map[string][]string{
		pathway.CardRearrange: {"date", "time", "contact", "contact_number"},
		pathway.CardFinal:     {"date", "time", "contact", "contact_number"},
		pathway.CardRevisit:   {"date", "time", "contact", "contact_number", "next_date", "next_time"},
	}
	letterValues   = []string{"addressee", "contact", "appointment", "where", "directions", "date", "named_contact", "contact_number", "service", "organisation"}
	letterRequired = map[string][]string{
		pathway.LetterAppointment: {"appointment", "named_contact", "contact_number"},
		pathway.LetterMissed:      {"appointment", "named_contact", "contact_number"},
		pathway.LetterReOffer:     {"named_contact", "contact_number"},
	}
)

// wording is every text there is, by language.
type wording struct {
	words   map[string]*words
	cards   map[string]map[string]*template // by language, then variant
	letters map[string]map[string]*template
}

const defaultLanguage = "en"

// readWording reads the texts of every language that has a folder.
func readWording(files fs.FS, f *fonts, found *faults) *wording {
	w := &wording{words: map[string]*words{}}
	w.cards = w.readKind(files, f, "cards", pathway.CardVariants(), cardValues, cardRequired, found)
	w.letters = w.readKind(files, f, "letters", pathway.LetterVariants(), letterValues, letterRequired, found)
	return w
}

func (w *wording) readKind(files fs.FS, f *fonts, kind string, variants, known []string, required map[string][]string, found *faults) map[string]map[string]*template {
	texts := map[string]map[string]*template{}
	for _, language := range append([]string{defaultLanguage}, languagesOf(files, kind)...) {
		if w.words[language] == nil {
			w.words[language] = readWords(files, language, f, found)
		}
		texts[language] = map[string]*template{}
		for _, variant := range variants {
			name := textFile(kind, language, variant)
			text, ok := readFile(files, name, found)
			if !ok {
				continue
			}
			must := required[variant]
			values := known
			if kind == "cards" && variant != pathway.CardRevisit {
				values = without(known, "next_date", "next_time")
			}
			if variant == pathway.LetterReOffer {
				values = without(known, "appointment")
			}
			t := parseTemplate(name, text, values, must, found)
			checkLetters(name, text, f, found)
			texts[language][variant] = t
			if words := w.words[language]; words != nil && t.uses(valueWhere) && (words.AtHome == "" || words.AtPlace == "") {
				found.add(path.Join("words", language+".yaml"), 0, 0, "at_home and at_place are needed, because %s says {where}: add what letters are to say, such as at your home and at {place}", name)
			}
		}
	}
	return texts
}

// languagesOf are the languages, besides English, that have a folder of cards or of letters.
func languagesOf(files fs.FS, kind string) (languages []string) {
	entries, err := fs.ReadDir(files, kind)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != defaultLanguage {
			languages = append(languages, e.Name())
		}
	}
	return languages
}

func without(names []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(drop, n) })
}

// checkLetters notes lines that the fonts cannot print.
func checkLetters(file, text string, f *fonts, found *faults) {
	for n, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		for _, word := range strings.Fields(line) {
			if _, err := f.clean(word); err != nil {
				found.add(file, n+1, strings.Index(line, word)+1, "%v", err)
			}
		}
	}
}
