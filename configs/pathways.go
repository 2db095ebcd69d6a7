package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// Pathways are the rules an organisation works by: Doorstep's own, with the
// organisation's files in place of or beside them.
type Pathways struct {
	ByID    map[string]*pathway.Pathway
	Ladders map[string]*pathway.Ladder
	Files   map[string]string // where each pathway and ladder stands, by "pathway ID" and "ladder ID"
}

// List returns the pathways in the order of their ids.
func (p *Pathways) List() []*pathway.Pathway {
	list := make([]*pathway.Pathway, 0, len(p.ByID))
	for _, id := range slices.Sorted(maps.Keys(p.ByID)) {
		list = append(list, p.ByID[id])
	}
	return list
}

// Find finds a pathway by its id.
func (p *Pathways) Find(id string) (*pathway.Pathway, error) {
	if found := p.ByID[id]; found != nil {
		return found, nil
	}
	ids := slices.Sorted(maps.Keys(p.ByID))
	return nil, pathway.NewProblem(pathway.NotFound, "there is no pathway %q%s: use one of %s", id, pathway.DidYouMean(id, ids), strings.Join(ids, ", "))
}

// Pathways reads the pathways and ladders: the shipped ones, and those of the
// organisation's files over them. The error is a Faults with every mistake there
// is.
func (c *Config) Pathways() (*Pathways, error) {
	set := &ruleSet{pathways: map[string]*ruleDocument{}, sets: map[string]*ruleDocument{}, ladders: map[string]*ladderDocument{},
		places: append([]string{pathway.PlaceHome}, slices.Sorted(maps.Keys(c.Places))...)}
	shipped := builtInFolder("pathways")
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := fs.ReadFile(shipped, file)
		if err != nil {
			return nil, err
		}
		set.read("pathways/"+file+" (built in)", data, true)
	}
	for i, name := range c.PathwayFiles {
		for _, file := range c.pathwayFiles(set, i, name) {
			data, err := os.ReadFile(file)
			if err != nil {
				set.faults = append(set.faults, Fault{File: file, Message: "cannot be read: check its permissions"})
				continue
			}
			set.read(file, data, false)
		}
	}
	return set.build()
}

// pathwayFiles returns the files that an entry of "pathways:" stands for.
func (c *Config) pathwayFiles(set *ruleSet, entry int, name string) []string {
	path := c.beside(name)
	fault := func(message string) []string {
		source := *c.source
		source.faults = &set.faults
		source.fault(fmt.Sprintf("pathways[%d]", entry), "%q %s", name, message)
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case name == "" || err != nil:
		return fault("cannot be read: check the path, which starts beside the configuration file")
	case !info.IsDir():
		return []string{path}
	}
	files, err := filepath.Glob(filepath.Join(escapeGlob(path), "*.yaml"))
	if err != nil || len(files) == 0 {
		return fault("holds no *.yaml file")
	}
	return files
}

func escapeGlob(path string) string {
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(path, `\$0`)
}

// ruleSet gathers the documents of all files before they are put together.
type ruleSet struct {
	pathways map[string]*ruleDocument
	sets     map[string]*ruleDocument
	ladders  map[string]*ladderDocument
	faults   Faults
	places   []string // where families can be seen: at home, or the ids of places
}

// ruleDocument is a pathway or a set, and where it stands.
type ruleDocument struct {
	pathwayDocument
	*document
	shipped bool
}

type ladderDocument struct {
	ladderEntry
	*document
	key     string // "ladders[2]"
	shipped bool
}

// read reads the documents of one file.
func (s *ruleSet) read(file string, data []byte, shipped bool) {
	before := len(s.faults)
	documents := parse(file, data, &s.faults)
	if len(documents) == 0 && len(s.faults) == before {
		s.faults = append(s.faults, Fault{File: file, Message: "is empty: it should hold a pathway, a set or ladders"})
	}
	for _, d := range documents {
		switch {
		case d.has("ladders"):
			s.readLadders(d, shipped)
		case d.has("pathway"), d.has("set"):
			s.readRules(d, shipped)
		default:
			at := d.body.GetToken().Position
			s.faults = append(s.faults, Fault{file, at.Line, 1, "",
				`is neither a pathway nor a set nor ladders: begin it with "pathway: ID", "set: ID" or "ladders:"`})
		}
	}
}

func (s *ruleSet) readRules(d *document, shipped bool) {
	r := &ruleDocument{document: d, shipped: shipped}
	d.read(&r.pathwayDocument)
	for i := range r.Duties {
		r.Duties[i].setDefaults()
	}
	key, id, into := "pathway", r.Pathway, s.pathways
	if d.has("set") {
		key, id, into = "set", r.Set, s.sets
		if d.has("pathway") {
			d.fault("set", "stands beside pathway: a document is one or the other")
			return
		}
	}
	if !pathway.IsShortName(id) {
		d.fault(key, "%s is not an id: use small letters, digits and hyphens, as in hv-child", d.quote(key, id))
		return
	}
	if before := into[id]; before != nil && before.shipped == shipped {
		d.fault(key, "%q is defined twice, first in %s: keep one", id, before.file)
		return
	}
	into[id] = r
}

func (s *ruleSet) readLadders(d *document, shipped bool) {
	var all laddersDocument
	d.read(&all)
	for i, entry := range all.Ladders {
		l := &ladderDocument{entry, d, fmt.Sprintf("ladders[%d]", i), shipped}
		if !pathway.IsShortName(l.ID) {
			d.fault(l.key+".id", "%q is not an id: use small letters, digits and hyphens, as in urgent", l.ID)
			continue
		}
		if before := s.ladders[l.ID]; before != nil && before.shipped == shipped {
			d.fault(l.key+".id", "%q is defined twice, first in %s: keep one", l.ID, before.file)
			continue
		}
		s.ladders[l.ID] = l
	}
}

// build checks everything against everything and puts it together.
func (s *ruleSet) build() (*Pathways, error) {
	check := newRuleCheck(s)
	check.all()
	if err := s.faults.orNil(); err != nil {
		return nil, err
	}
	out := &Pathways{ByID: map[string]*pathway.Pathway{}, Ladders: map[string]*pathway.Ladder{}, Files: map[string]string{}}
	for id, l := range s.ladders {
		out.Files["ladder "+id] = l.file
		out.Ladders[id] = l.ladder()
	}
	for id, r := range s.pathways {
		out.Files["pathway "+id] = r.file
		p := &pathway.Pathway{ID: id, Title: strings.TrimSpace(r.Title), Source: strings.TrimSpace(r.Source), Stage: pathway.Stage(r.Stage)}
		for _, part := range s.parts(r) {
			part.addTo(p)
		}
		version, err := versionOf(p)
		if err != nil {
			return nil, err
		}
		p.Version = version
		out.ByID[id] = p
	}
	return out, nil
}

// parts returns a pathway's own document and those it includes, each once, its
// own first.
func (s *ruleSet) parts(r *ruleDocument) []*ruleDocument {
	parts := []*ruleDocument{r}
	for i := 0; i < len(parts); i++ {
		for _, id := range parts[i].Include {
			if part := s.sets[id]; part != nil && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// setEverywhere is the set of what holds on every pathway.
const setEverywhere = "everywhere"

// addTo adds the document's rules to a pathway.
func (r *ruleDocument) addTo(p *pathway.Pathway) {
	p.Kinds = append(p.Kinds, r.Kinds...)
	if h := r.Held; h.At != "" && p.Held == nil {
		p.Held = &pathway.Held{At: h.At, Basis: pathway.Basis(h.Basis), Clause: strings.TrimSpace(h.Clause)}
	}
	for _, m := range r.Moves {
		p.Moves = append(p.Moves, pathway.Move(m))
	}
	for _, f := range r.Flags {
		p.Flags = append(p.Flags, pathway.FlagRule{ID: f.ID, Title: f.Title, Clause: f.Clause, Basis: pathway.Basis(f.Basis), On: f.On})
	}
	for i := range r.Duties {
		rule := r.Duties[i].rule()
		rule.Everywhere = r.Set == setEverywhere
		p.Duties = append(p.Duties, rule)
	}
}

// versionOf is a short digest of what a pathway says. The same words give the
// same version, wherever and whenever they are read.
func versionOf(p *pathway.Pathway) (string, error) {
	canonical := *p
	canonical.Version = ""
	data, err := json.Marshal(&canonical)
	if err != nil {
		return "", fmt.Errorf("pathway %s: %w", p.ID, err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6]), nil
}
