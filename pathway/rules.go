package pathway

import (
	"maps"
	"regexp"
	"slices"
	"sync/atomic"
	"time"
)

// Rules is everything besides the case itself that decides what is due: the
// pathways in all the versions that open duties still follow, the ladders, and
// the calendar. It is read-only once built and safe for concurrent use.
type Rules struct {
	Calendar   *Calendar
	Ladders    map[string]*Ladder
	places     map[string]Place
	staff      StaffAddresses
	references *regexp.Regexp
	pathways   map[string][]version
	retired    map[string]bool
	words      atomic.Pointer[vocabulary]
}

// vocabulary is the words that values may hold because some pathway knows them.
type vocabulary struct{ pathways, kinds, items, places, duties *Words }

// version is one state of a pathway file and the instant from which newly
// recorded events follow it.
type version struct {
	from    time.Time
	pathway *Pathway
}

// NewRules returns rules without pathways: add them with AddPathway.
func NewRules(calendar *Calendar, ladders map[string]*Ladder) *Rules {
	return &Rules{Calendar: calendar, Ladders: ladders, pathways: map[string][]version{}, retired: map[string]bool{}}
}

// AddPathway adds a version of a pathway that opens the duties of events
// recorded at from or later (the zero time: of all events, until a later
// version). Versions of one pathway are added in order of time. A duty that is
// open keeps the version it opened under, so that changing a file never moves a
// due time that people already know (How time is counted, rule 9).
func (r *Rules) AddPathway(p *Pathway, from time.Time) {
	r.pathways[p.ID] = append(r.pathways[p.ID], version{from, p})
	r.words.Store(nil)
}

// Retire says that no case may come onto a pathway any more. Those that are on it
// stay.
func (r *Rules) Retire(id string) {
	r.retired[id] = true
	r.words.Store(nil)
}

// SetPlaces says where families are seen besides at home, by id.
func (r *Rules) SetPlaces(places map[string]Place) {
	r.places = places
	r.words.Store(nil)
}

// Place is a place of the organisation's own by its id; nil: it has none of that id, or
// it is where the family lives.
func (r *Rules) Place(id string) *Place {
	if p, is := r.places[id]; is {
		return &p
	}
	return nil
}

// HasPlace reports whether families can be told to come to a place, or be seen at home.
func (r *Rules) HasPlace(id string) bool { return id == PlaceHome || r.Place(id) != nil }

// SetStaffAddresses says which addresses members of staff may have.
func (r *Rules) SetStaffAddresses(s StaffAddresses) { r.staff = s }

// SetReferences says which references of cases and people are allowed though they look
// as if they said who somebody is; nil: none. They are matched as a whole.
func (r *Rules) SetReferences(allowed *regexp.Regexp) { r.references = allowed }

// vocabulary is made once for all rows.
func (r *Rules) vocabulary() *vocabulary {
	if words := r.words.Load(); words != nil {
		return words
	}
	var pathways []string
	declared, items, duties := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(r.pathways)) {
		for _, v := range r.pathways[id] { // a duty of an earlier version may be open still
			for i := range v.pathway.Duties {
				duties[v.pathway.Duties[i].ID] = true
			}
		}
		if r.retired[id] {
			continue
		}
		pathways = append(pathways, id)
		newest := r.Pathway(id)
		for _, kind := range newest.Kinds {
			if kindsByName[kind] == nil {
				declared[kind] = true
			}
		}
		for i := range newest.Duties {
			for _, item := range newest.Duties[i].Checklist {
				items[item.Name] = true
			}
		}
	}
	words := &vocabulary{
		pathways: NewWords(pathways...),
		kinds:    NewWords(append(Kinds(), slices.Sorted(maps.Keys(declared))...)...),
		items:    NewWords(slices.Sorted(maps.Keys(items))...),
		duties:   NewWords(slices.Sorted(maps.Keys(duties))...),
		places:   NewWords(append([]string{PlaceHome}, slices.Sorted(maps.Keys(r.places))...)...),
	}
	r.words.Store(words)
	return words
}

// PathwayAt returns the version of a pathway that an event recorded at t
// follows: the last that had begun by then, or the first there is. It is nil for
// a pathway nobody has defined.
func (r *Rules) PathwayAt(id string, t time.Time) *Pathway {
	versions := r.pathways[id]
	for i := len(versions) - 1; i > 0; i-- {
		if !t.Before(versions[i].from) {
			return versions[i].pathway
		}
	}
	if len(versions) == 0 {
		return nil
	}
	return versions[0].pathway
}

// Pathway returns the newest version of a pathway, or nil.
func (r *Rules) Pathway(id string) *Pathway {
	if versions := r.pathways[id]; len(versions) > 0 {
		return versions[len(versions)-1].pathway
	}
	return nil
}

// Rule returns the rule a duty follows: that of the version it opened under, or
// of the newest where that version is gone. It is nil when neither has it.
func (r *Rules) Rule(pathway, version, duty string) *DutyRule {
	versions := r.pathways[pathway]
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].pathway.Version == version {
			return versions[i].pathway.Rule(duty)
		}
	}
	if p := r.Pathway(pathway); p != nil {
		return p.Rule(duty)
	}
	return nil
}

// Title returns what messages call a duty: as the newest version of its pathway
// does, so that a title mended later holds for open duties too, else as the version
// it opened under does, else its id.
func (r *Rules) Title(d *Duty) string {
	if p := r.Pathway(d.Pathway); p != nil {
		if rule := p.Rule(d.ID); rule != nil {
			return rule.Title
		}
	}
	if rule := r.Rule(d.Pathway, d.Version, d.ID); rule != nil {
		return rule.Title
	}
	return d.ID
}

// TitleOf returns what messages call a duty wherever it stands: as the newest version of
// the first pathway that has it does, in order of id; empty where none has it.
func (r *Rules) TitleOf(duty string) string {
	for _, id := range slices.Sorted(maps.Keys(r.pathways)) {
		if p := r.Pathway(id); p != nil && p.Rule(duty) != nil {
			return p.Rule(duty).Title
		}
	}
	return ""
}

// Ladder returns the ladder a duty climbs; one whose ladder has been taken out
// of the configuration climbs the routine ladder rather than none.
func (r *Rules) Ladder(id string) *Ladder {
	if l := r.Ladders[id]; l != nil {
		return l
	}
	return r.Ladders["routine"]
}

// Pathways are the words for the pathways that a case can come onto.
func (r *Rules) Pathways() *Words { return r.vocabulary().pathways }

// Duties are all that there are, also those of pathways that are used no more.
func (r *Rules) Duties() *Words { return r.vocabulary().duties }

// Kinds are the words for what can happen: Doorstep's own kinds and those that
// pathways declare.
func (r *Rules) Kinds() *Words { return r.vocabulary().kinds }
