package pathway

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// english is the language in which everything is written that no other wording is
// installed for.
const english = "en"

// Writes reports whether cards and letters can be written in a language: English, or one
// whose wording is installed.
func (p *PaperTables) Writes(code string) bool { return code == english || p.Languages[code] }

// InEnglish says why the paper of a case is in English though the family reads another
// language; empty: it is not, or nobody says that they do.
func (p *PaperTables) InEnglish(c *Case) string {
	if p == nil || c.Language == "" || p.Writes(c.Language) {
		return ""
	}
	if tag, err := language.Parse(c.Language); err == nil {
		if base, _ := tag.Base(); base.String() == english {
			return ""
		}
	}
	return "no " + LanguageName(c.Language) + " wording is installed"
}

// LanguageName is what a language is called in English: Welsh for cy. Of a code that nobody
// knows it is the code.
func LanguageName(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.English.Tags().Name(tag); name != "" && tag != language.Und {
		return name
	}
	return code
}
