package pages

import (
	"net/http"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// menuEntry is a page that menus lead to. Its name is that of its wording; the pages
// below it have names that begin with it and a hyphen.
type menuEntry struct {
	Name, Address string
	isFor         func(*pathway.Who) bool
}

// menu is every page that a menu leads to, in its order, and whose menu. The first of
// somebody's own is where they land; a role has three to six, which wrap and need no
// button to be seen. Whoever stands in for somebody has theirs as well.
var menu = []menuEntry{
	{"overdue", "/overdue", whoMay(pathway.DeedOversee)},
	{"undelivered", "/undelivered", whoMay(pathway.DeedOversee)},
	{"print", "/print", whoMay(pathway.DeedPrint)},
	{"mine", "/", func(who *pathway.Who) bool {
		return hasCases(who) && who.Role != pathway.Manager && who.Role != pathway.ServiceManager
	}},
	{"duties", "/duties", hasDuties},
	{"lookup", "/lookup", whoMay(pathway.DeedPrint)},
	{"reports", "/reports", whoMay(pathway.DeedOversee)},
	{"readiness", "/readiness", whoMay(pathway.DeedAdminister)},
	{"import", "/import", whoMay(pathway.DeedImport)},
	{"people", "/people", whoMay(pathway.DeedOversee, pathway.DeedStaffContacts)},
	{"audit", "/audit", whoMay(pathway.DeedAudit)},
	{"account", "/account", func(*pathway.Who) bool { return true }},
}

// whoMay is whoever may do one of these deeds, which are about no case.
func whoMay(deeds ...pathway.Deed) func(*pathway.Who) bool {
	return func(who *pathway.Who) bool {
		return slices.ContainsFunc(deeds, func(do pathway.Deed) bool {
			may, _ := pathway.May(who, pathway.Action{Do: do}, nil)
			return may
		})
	}
}

// hasCases is whoever a case can name, or who stands in for somebody whom it can.
func hasCases(who *pathway.Who) bool {
	return who.Serves(pathway.Practitioner, pathway.Manager, pathway.ServiceManager, pathway.Chair)
}

// menu is what the menu of whoever is signed in leads to.
func (v *visit) menu() []menuEntry {
	if v.person == nil || v.who == nil {
		return nil
	}
	return menuOf(v.who)
}

func menuOf(who *pathway.Who) (own []menuEntry) {
	for _, entry := range menu {
		if entry.isFor(who) {
			own = append(own, entry)
		}
	}
	return own
}

// landing is where somebody comes to who names no page: where they come to of their own,
// whomever they stand in for.
func (v *visit) landing() string {
	own := *v.who
	own.Covers = nil
	return menuOf(&own)[0].Address
}

// first is the page at "/": that of somebody's cases, where they can have any.
func (a *app) first(v *visit) error {
	if !hasCases(v.who) {
		return v.goTo(v.landing())
	}
	return a.showMine(v)
}

// afterSignIn is where somebody comes to who has signed in on the way to a page.
func (v *visit) afterSignIn(next string) string {
	if next == "/" {
		return v.landing()
	}
	return next
}

// Marks says how the menu marks an entry on this page: "page" on its own page, "true" on
// one below it; empty: not at all.
func (s *sheet) Marks(entry menuEntry) string {
	switch {
	case s.Here == entry.Name:
		return "page"
	case strings.HasPrefix(s.Here, entry.Name+"-"):
		return "true"
	}
	return ""
}

// enter lets somebody onto a page that is about no case and that is for whoever may do
// one of the deeds: that they look, or were refused, is on record.
func (v *visit) enter(page string, deeds ...pathway.Deed) error {
	return v.enterTo(func() error { return nil }, page, deeds...)
}

// enterTo is enter for a page that reads something: it is read meanwhile.
func (v *visit) enterTo(read func() error, page string, deeds ...pathway.Deed) error {
	for _, do := range deeds {
		if may, _ := pathway.May(v.who, pathway.Action{Do: do}, nil); may {
			if do == pathway.DeedPrint || do == pathway.DeedImport { // nothing is printed or imported yet
				do = pathway.DeedLook
			}
			return v.auditBeside(v.entry("", string(do), page, ""), read)
		}
	}
	return v.refuse("", pathway.Action{Do: deeds[0]}, string(pathway.NotInRole))
}

// isPost reports whether a request changes something.
func (v *visit) isPost() bool {
	return v.r.Method != http.MethodGet && v.r.Method != http.MethodHead
}
