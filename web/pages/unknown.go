package pages

import (
	"net/http"
	"slices"
)

// addressFields are what the addresses of pages can say, by pattern. What is not here says
// nothing; "held" leads to what a form held, on any page.
var addressFields = map[string][]string{
	"GET /cases/{ref}":                 {"all", "saved"},
	"GET /cases/{ref}/record":          {"outcome", "at", "said", "event_id"},
	"GET /cases/{ref}/do/{duty}":       {"as", "said", "event_id"},
	"GET /cases/{ref}/void/{event}":    {"event_id"},
	"GET /cases/{ref}/decide":          {"event_id"},
	"GET /duties":                      dutyFields,
	"GET /emergency":                   {"ref"},
	"GET /people/{person}":             {"back"},
	"GET /people/{person}/cases":       {"to", "ref"},
	"GET /overdue":                     {"team", "owner", "duty", "open", "from", "event_id"},
	"GET /reports":                     {"months", "team", "pathway"},
	"GET /reports.csv":                 {"months", "team", "pathway"},
	"GET /audit":                       {"case", "person", "before", "check"},
	"GET /audit.csv":                   {"case", "person"},
	"GET /print":                       {"case"},
	"GET /print/items/{item}":          {"layout", "large", "saved"},
	"GET /print/items/{item}/again":    {"layout", "large"},
	"GET /print/items/{item}/picture":  {"layout", "large"},
	"GET /print/items/{item}/returned": {"layout", "large"},
	"GET /import":                      {"gone"},
}

// inMessages are the pages of addressFields to which messages lead. Mail gateways, phones
// and chat programs put fields of their own behind such a link (utm_source and others), and
// whoever follows it has typed nothing: what is unknown there is passed over.
var inMessages = []string{"GET /cases/{ref}", "GET /cases/{ref}/record", "GET /cases/{ref}/do/{duty}"}

// unknownField is something in an address or a form that the page does not know: a field
// that there is not, or a value that none of its own buttons and lists give. What it could
// mean is not guessed.
type unknownField struct{ name string }

func (e unknownField) Error() string { return "the page knows nothing like " + e.name }

// knownAddress refuses an address that says what its page does not know, where the page
// can be asked for less than all: a filter that is mistyped must not show everything. A
// page that has no fields can mean only one thing.
func (v *visit) knownAddress() error {
	fields := addressFields[v.r.Pattern]
	if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead || len(fields) == 0 || slices.Contains(inMessages, v.r.Pattern) {
		return nil
	}
	for name := range v.r.URL.Query() {
		if name != "held" && !slices.Contains(fields, name) {
			return unknownField{name}
		}
	}
	return nil
}

// knows refuses a field that holds anything but these. Empty is as if it were not there.
func (f *form) knows(field string, values ...string) error {
	for _, value := range f.values[field] {
		if value != "" && !slices.Contains(values, value) {
			return unknownField{field}
		}
	}
	return nil
}
