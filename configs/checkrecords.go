package configs

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
)

// recordSystem checks what messages say of the record system.
func (c *checker) recordSystem() {
	const key, linkKey = "record_system.name", "record_system.case_link"
	name, link := c.RecordSystem.Name, c.RecordSystem.CaseLink
	switch {
	case name == "" && link != "":
		c.d.fault(key, `is empty: messages say "record it in …" by it; write the name that staff know, as in Mosaic`)
	case strings.TrimSpace(name) != name || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || pathway.IsMark(r) }):
		c.fault(key, name, "%v has a line break, a mark or a space at its end: write the name alone")
	case utf8.RuneCountInString(name) > notify.LongestSystemName:
		c.d.fault(key, "is longer than %d characters: write the name that staff use", notify.LongestSystemName)
	default:
		if err := notify.LintTitle(name); err != nil {
			c.d.fault(key, "stands in messages, and %v", err)
		}
	}
	if link == "" {
		return
	}
	if fault := caseLinkFault(link); fault != "" {
		c.fault(linkKey, link, "%v "+fault+", as in https://mosaic.council.example/cases/"+notify.LinkReference)
	}
}

// caseLinkFault says what is wrong with a link to a case; empty where nothing is.
func caseLinkFault(link string) string {
	before, after, has := strings.Cut(link, notify.LinkReference)
	u, err := url.Parse(before + "KN-1" + after)
	host, _ := url.Parse(before)
	switch {
	case !has:
		return "leads to no case: put {ref} where the reference stands"
	case strings.Contains(after, notify.LinkReference):
		return "has {ref} more than once: keep one"
	case err != nil || u.Scheme != "https" || u.Hostname() == "":
		return "is no address that begins with https://: write it in full"
	case host == nil || host.Host != u.Host:
		return "has {ref} in the name of the machine: put it behind that"
	case u.User != nil:
		return "has a user or a password: whoever gets a message would read it; leave it out"
	case strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r == '"' || r == '<' || r == '>' || pathway.IsMark(r) }):
		return "has a space or a character that no address has: write it as the browser shows it"
	}
	return ""
}
