package intake

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// A description of the files is written once and shown twice: by import --help, and
// as docs/files.md. Names come from the code that reads the files; their texts stand
// in describe_texts.go.

// chapter is a part of the description.
type chapter struct {
	title  string
	text   []string // paragraphs
	listed []said
	sample string // as it stands in a file
}

// Sorts are what a file can hold, in the order in which files are imported.
var Sorts = []string{People, Cases, Events}

// chapters describe files of one sort, or, with an empty of, everything there is.
func chapters(of string) []chapter {
	if of == "" {
		all := []chapter{general()}
		for _, sort := range Sorts {
			all = append(all, chapters(sort)...)
		}
		return append(all, mappingChapter(), inboxChapter())
	}
	all := []chapter{columnsChapter(of)}
	if of == Events {
		all = append(all, kindsChapter(), reasonCodesChapter())
	}
	return all
}

func general() chapter {
	return chapter{title: "Files", text: []string{
		"A file is CSV in UTF-8 with a header row (a byte-order mark and Windows' line ends are accepted), or an Excel workbook (.xlsx). People come first, then cases, then events. The order of the columns does not matter, and an unknown one is an error unless a mapping ignores it. Lines of a title may stand above the header, ten at most.",
		"A column that a file does not have leaves what is known as it is. An empty cell in a column that is there empties an optional field. Importing the same file again changes nothing.",
		"Times are 2026-12-24, 2026-12-24 16:00 (in the organisation's time zone) or 2026-12-24T16:00:00Z. A date alone is the beginning of that day, and the end of the last one of a leave or of somebody's work.",
		"References and ids stand in texts and subjects, so they must not say who somebody is: one that holds an NHS number, a date, an address or two words is refused, unless organisation.reference_pattern allows it. A new one that differs from a known one in capital and small letters only is refused too.",
	}}
}

func columnsChapter(of string) chapter {
	t := tables[of]
	c := chapter{title: "Columns of " + of, sample: examples[of]}
	for _, s := range columnTexts[of] {
		if slices.Contains(t.required, s.name) {
			s.text += " (needed)"
		}
		c.listed = append(c.listed, s)
	}
	return c
}

// kindsChapter says of each kind of event what it is, what it needs and who may say it.
func kindsChapter() chapter {
	c := chapter{title: "Kinds of event", text: []string{"A pathway file may declare further kinds of its own."}}
	for _, s := range kindTexts {
		k := pathway.KindOf(s.name)
		reason := "reason"
		if k.ReasonCoded {
			reason = "reason or reason_code"
		}
		for _, need := range []said{{"value", k.Value}, {"due_at", k.Due}, {"booked_for", k.Booked}, {reason, k.Reason}} {
			if need.text != "" {
				s.text += fmt.Sprintf("; needs %s: %s", need.name, need.text)
			}
		}
		if form := formTexts[k.Form]; form != "" {
			s.text += "; value: " + form
		}
		if k.ManagersOnly {
			s.text += "; by a manager"
		}
		if k.ReasonCoded && k.Reason == "" {
			s.text += "; may have a reason_code"
		}
		c.listed = append(c.listed, s)
	}
	return c
}

func reasonCodesChapter() chapter {
	return chapter{title: "Reason codes", text: []string{strings.Join(pathway.ReasonCodes, ", ") + "."}}
}

func mappingChapter() chapter {
	return chapter{title: "Mappings", text: []string{
		"A mapping says how to read another system's file. Some are shipped (doorstep mapping list); your own stand under import.mappings, in the folder mappings beside the configuration, or in any file that --mapping names. doorstep mapping try says what one makes of a file. Its keys:",
	}, listed: mappingTexts, sample: mappingExample}
}

func inboxChapter() chapter {
	return chapter{title: "Names in the inbox", text: []string{"How to hand a file over: docs/handing-over-files.md."}, listed: inboxTexts}
}

// WriteHelp describes the files of one sort, or with an empty of all there is to say
// of files, for a terminal of 80 columns.
func WriteHelp(to io.Writer, of string) error {
	var b strings.Builder
	for i, c := range chapters(of) {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(c.title + "\n")
		for _, paragraph := range c.text {
			b.WriteString("\n" + wrapped(paragraph, "  ", "  "))
		}
		if len(c.listed) > 0 {
			b.WriteString("\n")
		}
		for _, s := range c.listed {
			b.WriteString(listedLine(s))
		}
		if c.sample != "" {
			b.WriteString("\n  For example:\n\n")
			for line := range strings.Lines(c.sample) {
				b.WriteString("    " + line)
			}
		}
	}
	_, err := io.WriteString(to, b.String())
	return err
}

const (
	helpWidth  = 79 // of a terminal's 80 columns
	helpIndent = 26 // where texts stand beside their names
)

// listedLine writes a name with its text beside it, or below it where the name is long.
func listedLine(s said) string {
	pad := strings.Repeat(" ", helpIndent)
	if n := len([]rune(s.name)); n+4 <= helpIndent {
		return wrapped(s.text, "  "+s.name+pad[n+2:], pad)
	}
	return "  " + s.name + "\n" + wrapped(s.text, pad, pad)
}

// wrapped breaks a text into lines.
func wrapped(text, first, further string) string {
	var b strings.Builder
	line := first
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && len([]rune(line))+1+len([]rune(word)) > helpWidth {
			b.WriteString(line + "\n")
			line, empty = further, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	b.WriteString(line + "\n")
	return b.String()
}

// WriteDocs writes the same as WriteHelp does of everything, in Markdown.
func WriteDocs(to io.Writer) error {
	var b strings.Builder
	b.WriteString("# What the files hold\n\n`doorstep import --help` says the same. How to hand files over: [handing-over-files.md](handing-over-files.md).\n")
	for _, c := range chapters("") {
		fmt.Fprintf(&b, "\n## %s\n", c.title)
		for _, paragraph := range c.text {
			b.WriteString("\n" + markdown(paragraph) + "\n")
		}
		if len(c.listed) > 0 {
			b.WriteString("\n| name | |\n|---|---|\n")
		}
		for _, s := range c.listed {
			fmt.Fprintf(&b, "| `%s` | %s |\n", s.name, markdown(s.text))
		}
		if c.sample != "" {
			b.WriteString("\nFor example:\n\n```\n" + c.sample + "```\n")
		}
	}
	_, err := io.WriteString(to, b.String())
	return err
}

// markdown keeps Markdown from reading marks into a text.
func markdown(text string) string {
	return strings.NewReplacer("*", `\*`, "|", `\|`, "<", "&lt;", "_", `\_`).Replace(text)
}
