package configs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

// withFiles writes pathway files and returns a configuration that names them.
func withFiles(t *testing.T, files map[string]string) *Config {
	t.Helper()
	folder := t.TempDir()
	var names []string
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	c, err := load(filepath.Join(folder, "doorstep.yaml"), []byte("pathways: ["+strings.Join(names, ", ")+"]"), nil, toSend)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pathwayFaults returns what is wrong with one file, without its folder.
func pathwayFaults(t *testing.T, text string) string {
	t.Helper()
	c := withFiles(t, map[string]string{"own.yaml": text})
	_, err := c.Pathways()
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), c.folder+string(filepath.Separator), "")
}

func TestShippedPathwaysAreSound(t *testing.T) {
	c := mustLoad(t, "", nil)
	p, err := c.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range p.List() {
		got = append(got, one.ID)
	}
	want := "csc-child-and-family csc-parent-assessment csc-plan csc-section-47 hv-antenatal hv-antenatal-vulnerable hv-child hv-child-safeguarding"
	if strings.Join(got, " ") != want {
		t.Errorf("pathways %v, want %s", got, want)
	}
	for _, id := range []string{"routine", "urgent", "immediate"} {
		if p.Ladders[id] == nil {
			t.Errorf("there is no ladder %s", id)
		}
	}
	if rule := p.ByID["hv-child"].Rule("offer-another-practitioner"); rule == nil {
		t.Error("hv-child lacks what holds everywhere")
	}
}

// TestRungsReadAsTheyAreKnown: the names by which other programs know them.
func TestRungsReadAsTheyAreKnown(t *testing.T) {
	p, err := mustLoad(t, "", nil).Pathways()
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"routine":   "start→owner set→owner before-3wd→owner before-1wd→owner due→owner,manager after-2wd→manager,service-manager",
		"chase":     "set→owner due→owner after-2wd→owner,manager",
		"urgent":    "start→owner,manager set→owner before-4h→owner due→owner,manager after-4h→manager,service-manager",
		"immediate": "start→owner,manager set→owner due→owner,manager,service-manager after-4h→service-manager",
	} {
		var got []string
		for _, r := range p.Ladders[id].Rungs {
			var to []string
			for _, role := range r.To {
				to = append(to, string(role))
			}
			got = append(got, r.Name()+"→"+strings.Join(to, ","))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("ladder %s:\n%s, want\n%s", id, strings.Join(got, " "), want)
		}
	}
}

const minimal = `pathway: own
title: Our own
duties:
  - id: call
    title: Call the family
    basis: local
    owner: practitioner
    opens: attempt 1
    due: 24 hours
    met_by: seen
`

func TestVersionFollowsTheWords(t *testing.T) {
	version := func(text string) string {
		p, err := withFiles(t, map[string]string{"own.yaml": text}).Pathways()
		if err != nil {
			t.Fatal(err)
		}
		return p.ByID["own"].Version
	}
	first := version(minimal)
	if len(first) != 12 || first != version("# a comment\n"+strings.Replace(minimal, "opens: attempt 1", "opens:\n      - attempt 1", 1)) {
		t.Errorf("version %q changes with the layout of the file", first)
	}
	if first == version(strings.Replace(minimal, "24 hours", "48 hours", 1)) {
		t.Errorf("version %q does not change with the clock", first)
	}
}

// TestPathwaySurvivesBeingKept: the store keeps pathways as JSON.
func TestPathwaySurvivesBeingKept(t *testing.T) {
	p, err := mustLoad(t, "", nil).Pathways()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range p.List() {
		kept, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		var back pathway.Pathway
		if err := json.Unmarshal(kept, &back); err != nil {
			t.Fatalf("%s: %v", one.ID, err)
		}
		if version, err := versionOf(&back); err != nil || version != one.Version {
			t.Errorf("%s comes back as version %s, want %s (%v)", one.ID, version, one.Version, err)
		}
	}
}

func TestOwnFilesTakeThePlaceOfShippedOnes(t *testing.T) {
	c := withFiles(t, map[string]string{
		"a.yaml": strings.Replace(minimal, "pathway: own", "pathway: hv-child", 1) + `---
set: everywhere
duties: []
---
ladders:
  - id: urgent
    title: Our urgent
    rungs:
      - {at: due, to: manager}
      - {at: 1 working day after, to: [service-manager]}
`})
	p, err := c.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	if got := p.ByID["hv-child"]; got.Title != "Our own" || len(got.Duties) != 1 {
		t.Errorf("hv-child is %q with %d duties, want our own with 1", got.Title, len(got.Duties))
	}
	if p.ByID["csc-plan"].Rule("offer-another-practitioner") != nil {
		t.Error("the shipped set is still included")
	}
	if got := fmt.Sprint(p.Ladders["urgent"].Title, len(p.Ladders["urgent"].Rungs)); got != "Our urgent3" {
		t.Errorf("urgent ladder is %s", got)
	}
}

func TestFoldersOfPathwaysAreRead(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "our [pathways]"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "our [pathways]", "own.yaml"), []byte(minimal), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "doorstep.yaml")
	c, err := load(file, []byte("pathways: ['our [pathways]']"), nil, toSend)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Pathways()
	if err != nil || p.ByID["own"] == nil {
		t.Errorf("pathways %v, %v; want ours among them", p, err)
	}
	c, err = load(file, []byte("log: {level: info}\npathways: [none.yaml, .]"), nil, toSend)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Pathways()
	want := file + `:2:12: pathways[0]: "none.yaml" cannot be read: check the path, which starts beside the configuration file` + "\n" +
		file + `:2:23: pathways[1]: "." holds no *.yaml file`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v, want\n%s", err, want)
	}
}

// TestMistakesInPathways shows what is said of each, with its place.
func TestMistakesInPathways(t *testing.T) {
	// with changes one line of the minimal pathway, or adds one behind it.
	with := func(line, other string) string {
		if !strings.Contains(minimal, line) {
			t.Fatalf("%q is not in the minimal pathway", line)
		}
		return strings.Replace(minimal, line, other, 1)
	}
	const ladder = "ladders:\n  - id: own\n    rungs:\n"
	tests := []struct{ name, text, want string }{
		{"sound", minimal, ""},
		{"no YAML", "pathway: [x\n", "own.yaml:1:10: is not YAML: sequence end token ']' not found"},
		{"empty", "# nothing\n", "own.yaml: is empty: it should hold a pathway, a set or ladders"},
		{"neither", "duties: []\n", `own.yaml:1:1: is neither a pathway nor a set nor ladders: begin it with "pathway: ID", "set: ID" or "ladders:"`},
		{"both", "pathway: a\nset: b\n", "own.yaml:2:1: set: stands beside pathway: a document is one or the other"},
		{"id", with("pathway: own", "pathway: Our Own"), `own.yaml:1:1: pathway: "Our Own" is not an id: use small letters, digits and hyphens, as in hv-child`},
		{"twice", minimal + "---\n" + minimal, `own.yaml:12:1: pathway: "own" is defined twice, first in own.yaml: keep one`},
		{"no title", with("title: Our own\n", ""), "own.yaml:1:1: pathway: own has no title: add one for people to read"},
		{"no duties", "pathway: own\ntitle: Our own\n", `own.yaml:1:1: pathway: "own" has no duties: nobody would be reminded of anything`},
		{"unknown key", with("met_by: seen", "metby: seen"), "own.yaml:4:5: duties[0].met_by: is missing: the event that meets the duty; without one it could never be done\n" +
			"own.yaml:10:5: duties[0].metby: is not a key Doorstep knows (did you mean met_by?): correct it or take it out"},
		{"unknown role", with("owner: practitioner", "owner: practicioner"), `own.yaml:7:5: duties[0].owner: "practicioner" is not known: use practitioner, manager, service-manager or chair (did you mean practitioner?)`},
		{"unknown told", with("met_by: seen", "met_by: seen\n    told: [manager, boss]"), `own.yaml:11:21: duties[0].told[1]: "boss" is not known: use practitioner, manager, service-manager or chair`},
		{"chair alone", with("owner: practitioner", "owner: chair"), `own.yaml:7:5: duties[0].owner: chair: on a case without a chair nobody would be told: add "if: chair known"`},
		{"chair where there is one", with("owner: practitioner", "owner: chair\n    if: chair known"), ""},
		{"unknown ladder", with("owner: practitioner", "owner: practitioner\n    ladder: urgend"), `own.yaml:8:5: duties[0].ladder: there is no ladder "urgend" (did you mean urgent?)`},
		{"unknown set", with("duties:", "include: [everywhere, evrywhere]\nduties:"), `own.yaml:3:23: include[1]: there is no set "evrywhere" (did you mean everywhere?)`},
		{"set includes itself", "set: a\ninclude: [b]\n---\nset: b\ninclude: [a]\n", "own.yaml:5:11: include[0]: goes round in a circle: a → b → a"},
		{"unknown move", with("duties:", "moves:\n  - {on: vulnerability-answered=yes, to: hv-chid}\nduties:"), `own.yaml:4:38: moves[0].to: there is no pathway "hv-chid" (did you mean hv-child?)`},
		{"move to itself", with("duties:", "moves: [{on: seen, to: own}]\nduties:"), "own.yaml:3:20: moves[0].to: moves the case to the pathway it is on: take it out"},
		{"move without event", with("duties:", "moves: [{to: hv-child}]\nduties:"), "own.yaml:3:9: moves[0].on: is missing: the event that moves the case"},
		{"move on an answer that cannot be", with("duties:", "moves: [{on: referral-decided=maybe, to: hv-child}]\nduties:"), `own.yaml:3:10: moves[0].on: "referral-decided=maybe" can never be recorded: the answer is yes or no`},
		{"moves in a circle", with("duties:", "moves: [{on: vulnerability-answered=yes, to: other}]\nduties:") + "---\n" +
			strings.NewReplacer("pathway: own", "pathway: other", "duties:", "moves: [{on: vulnerability-answered=YES, to: own}]\nduties:").Replace(minimal),
			`own.yaml:15:9: moves[0]: goes round in a circle on "vulnerability-answered=YES": other → own → other: take one of the moves out`},
		{"a move back on another event", with("duties:", "moves: [{on: vulnerability-answered=yes, to: other}]\nduties:") + "---\n" +
			strings.NewReplacer("pathway: own", "pathway: other", "duties:", "moves: [{on: vulnerability-answered=no, to: own}]\nduties:").Replace(minimal), ""},
		{"duty twice", minimal + strings.Replace(minimal[strings.Index(minimal, "  - id"):], "Call", "Ring", 1), `own.yaml:11:5: duties[1].id: duty "call" is defined twice: keep one`},
		{"duty in a set too", with("duties:", "include: [ours]\nduties:") + "---\n" + strings.Replace(with("title: Our own\n", ""), "pathway: own", "set: ours", 1),
			`own.yaml:3:1: include: duty "call" stands in pathway own and in set ours: keep one`},
		{"appointments at home", with("duties:", "appointments: {at: home, basis: local}\nduties:"), ""},
		{"appointments at a place that is not configured", with("duties:", "appointments: {at: clinic, basis: local}\nduties:"), `own.yaml:3:16: appointments.at: "clinic" is no place that the configuration has: use home`},
		{"appointments by nobody's word", with("duties:", "appointments: {at: home}\nduties:"), "own.yaml:3:1: appointments.basis: is missing: whose word it is, guidance or local"},
		{"a contact held at a place that is not configured", with("    basis: local\n", "    basis: local\n    held_at: clinic\n"), `own.yaml:7:5: duties[0].held_at: "clinic" is no place that the configuration has: use home`},
		{"no id", with("- id: call", "-"), "own.yaml:5:5: duties[0].id: is missing: a short name in small letters, digits and hyphens"},
		{"bad id", with("id: call", "id: Call_1"), `own.yaml:4:5: duties[0].id: "Call_1" is not an id: use small letters, digits and hyphens, as in see-child`},
		{"title that tells why", with("Call the family", "Call about the child protection plan"),
			`own.yaml:5:5: duties[0].title: "child protection" tells why a family is known: say it without; the case reference leads to the rest`},
		{"no basis", with("    basis: local\n", ""), "own.yaml:4:5: duties[0].basis: is missing: guidance, or local where the figure is your own"},
		{"guidance without its clause", with("basis: local", "basis: guidance"), "own.yaml:4:5: duties[0].clause: is missing: where the guidance says so"},
		{"never opens", with("    opens: attempt 1\n", ""), `own.yaml:4:5: duties[0].opens: is missing: what opens the duty, as in "opened" or "attempt 1"`},
		{"bad trigger", with("opens: attempt 1", "opens: [attempt 1, attempt 0]"), `own.yaml:8:24: duties[0].opens[1]: "attempt 0": an attempt is a number from 1`},
		{"unknown event", with("opens: attempt 1", "opens: no-acess"), `own.yaml:8:5: duties[0].opens[0]: "no-acess" is not an event Doorstep knows (did you mean no-access?): correct it, or declare it with "kinds: [no-acess]"`},
		{"unknown counted event", with("opens: attempt 1", "opens: 3 reviews in any 12 months"), `own.yaml:8:5: duties[0].opens[0]: "reviews" is not an event Doorstep knows: correct it, or declare it with "kinds: [reviews]"`},
		{"declared event", with("opens: attempt 1", "opens: conference-held") + "kinds: [conference-held]\n", ""},
		{"declared before Doorstep knew it", with("opens: attempt 1", "opens: review-held") + "kinds: [review-held]\n", ""},
		{"half an answer that cannot be", with("opens: attempt 1", "opens: review-considered=legal=perhaps"), `own.yaml:8:5: duties[0].opens[0]: "review-considered=legal=perhaps" can never be recorded: write one answer, such as review-considered=legal=yes`},
		{"declared twice", minimal + "kinds: [seen, Review]\n", `own.yaml:11:9: kinds[0]: "seen" is a kind that Doorstep has already: take it out` + "\n" +
			`own.yaml:11:15: kinds[1]: "Review" is not a kind: use small letters, digits and hyphens, as in conference-held`},
		{"never met", with("    met_by: seen\n", ""), "own.yaml:4:5: duties[0].met_by: is missing: the event that meets the duty; without one it could never be done"},
		{"met by nothing", with("met_by: seen", "met_by: []"), "own.yaml:10:5: duties[0].met_by: is missing: the event that meets the duty; without one it could never be done"},
		{"met by what ends it", with("met_by: seen", "met_by: [voided, closed, acknowledged]"), "own.yaml:10:14: duties[0].met_by[0]: voided never meets a duty: it takes another event back\n" +
			"own.yaml:10:22: duties[0].met_by[1]: closed never meets a duty: it ends every duty of the case\n" +
			"own.yaml:10:30: duties[0].met_by[2]: acknowledged never meets a duty: it only says that somebody has read of it"},
		{"met by the opening", with("met_by: seen", "met_by: opened"), `own.yaml:10:5: duties[0].met_by[0]: "opened" is not an event Doorstep knows (did you mean reopened?): correct it, or declare it with "kinds: [opened]"`},
		{"checklist alone is met by liaison", with("met_by: seen", "checklist: [gp, {item: mental-health, if: open to mental-health}]"), ""},
		{"bad checklist", with("met_by: seen", "checklist: [GP, chis, chis]"), `own.yaml:10:17: duties[0].checklist[0]: "GP" is not an item: use small letters, digits and hyphens, as in record-check` + "\n" +
			`own.yaml:10:27: duties[0].checklist[2]: "chis" is on the list twice`},
		{"no clock", with("    due: 24 hours\n", ""), `own.yaml:4:5: duties[0].due: is missing: the clock, as in "5 working days"`},
		{"bad clock", with("due: 24 hours", "due: soon"), `own.yaml:9:5: duties[0].due[0]: "soon" is not a length of time: write a number and hours, days, working days, weeks or months (a clock is written like 24 hours, 5 working days, from 4 weeks within 6 weeks, from 10 days within 14 days of the birth, 2 weeks before edd, by 28 days of age, immediately (1 hour), same day, next working day, at least every 6 weeks, or the date set)`},
		{"some case without a due time", with("due: 24 hours", "due:\n      - {if: plan is cp, within: 24 hours}\n      - {if: not plan is cin, within: 2 days}"), "own.yaml:11:9: duties[0].due[1]: holds only if not plan is cin: other cases would have no due time; add a last entry without a condition"},
		{"a clock never reached", with("due: 24 hours", "due: [{within: 24 hours}, {within: 2 days}]"), "own.yaml:9:11: duties[0].due[0]: holds for every case, so the entries behind it are never reached: move it to the end"},
		{"window the wrong way", with("due: 24 hours", "due: from 6 weeks within 4 weeks"), `own.yaml:9:5: duties[0].due[0]: "from 6 weeks within 4 weeks" ends before it begins: write the earlier time first`},
		{"nothing booked", with("due: 24 hours", "due: 2 working days before booked_for"), `own.yaml:9:5: duties[0].due[0]: "2 working days before booked_for" needs a date booked, and "attempt 1" brings none: open the duty on visit-booked, appointment-offered or a kind of your own`},
		{"booked", strings.Replace(with("due: 24 hours", "due: 2 working days before booked_for"), "attempt 1", "visit-booked", 1), ""},
		{"no date set", strings.Replace(with("due: 24 hours", "due: the date set"), "attempt 1", "seen", 1), `own.yaml:9:5: duties[0].due[0]: "the date set" needs a date that somebody set, and "seen" brings none: open the duty on timeframe-set or a kind of your own`},
		{"no date of delivery", with("due: 24 hours", "due: 2 weeks before edd"), `own.yaml:9:5: duties[0].due[0]: "2 weeks before edd" has no due time where the date is not known: add "if: edd known"`},
		{"no birth", with("due: 24 hours", "due: by 28 days of age"), `own.yaml:9:5: duties[0].due[0]: "by 28 days of age" has no due time where the birth is not recorded: open the duty on opened, born or the birth`},
		{"condition that is never true", with("met_by: seen", "met_by: seen\n    if: contact is sixweek"), `own.yaml:11:5: duties[0].if: "contact is sixweek" is never true: "sixweek" is not known (did you mean six-week?)`},
		{"bad condition", with("met_by: seen", "met_by: seen\n    if: on Mondays"), `own.yaml:11:5: duties[0].if: "on Mondays" is not a condition: write one like "contact is six-week", "plan is cp", "open to mental-health", "edd known", "chair known", "before first review-held" or "after decision-recorded"`},
		{"sooner by what sets no date", with("met_by: seen", "met_by: seen\n    sooner: seen"), `own.yaml:11:5: duties[0].sooner[0]: "seen" sets no date: use timeframe-set`},
		{"flag", minimal + "flags:\n  - {id: x, on: sen}\n", "own.yaml:12:5: flags[0].title: is missing: what the manager reads\n" +
			`own.yaml:12:13: flags[0].on: "sen" is not an event Doorstep knows (did you mean seen?): correct it, or declare it with "kinds: [sen]"`},

		{"ladder without rungs", "ladders:\n  - {id: own}\n", "own.yaml:2:5: ladders[0]: ladder own has no rungs: nobody would be told"},
		{"ladder twice", ladder + "      - {at: due, to: manager}\n  - {id: own, rungs: [{at: due, to: manager}]}\n", `own.yaml:5:6: ladders[1].id: "own" is defined twice, first in own.yaml: keep one`},
		{"rung for nobody", ladder + "      - {at: start}\n      - {at: due, to: []}\n", "own.yaml:4:9: ladders[0].rungs[0].to: is missing: who is told; the rung tells nobody\n" +
			"own.yaml:5:19: ladders[0].rungs[1].to: is missing: who is told; the rung tells nobody"},
		{"rung for the chair alone", ladder + "      - {at: due, to: chair}\n", "own.yaml:4:19: ladders[0].rungs[0].to: tells nobody on a case without a chair: add manager"},
		{"rung for an unknown role", ladder + "      - {at: due, to: [owner, boss]}\n", `own.yaml:4:31: ladders[0].rungs[0].to[1]: "boss" is not known: use owner, practitioner, manager, service-manager or chair`},
		{"rung without a time", ladder + "      - {to: owner}\n      - {at: due, to: owner}\n", "own.yaml:4:9: ladders[0].rungs[0].at: is missing: start, set, due, 4 hours before, 2 working days after"},
		{"rung before by nothing", ladder + "      - {at: before, to: owner}\n      - {at: due, to: owner}\n", `own.yaml:4:10: ladders[0].rungs[0].at: "before" does not say how long before: write start, set, due, 4 hours before, 3 working days before or 2 working days after`},
		{"rung at a strange time", ladder + "      - {at: whenever, to: owner}\n      - {at: due, to: owner}\n", `own.yaml:4:10: ladders[0].rungs[0].at: "whenever" is not the time of a rung: write start, set, due, 4 hours before, 3 working days before or 2 working days after`},
		{"rungs out of order", ladder + "      - {at: due, to: owner}\n      - {at: 1 working day before, to: owner}\n", `own.yaml:5:10: ladders[0].rungs[1].at: "1 working day before" comes before "due" above it: rungs stand in the order of time, for the later is the more serious`},
		{"rung twice", ladder + "      - {at: due, to: owner}\n      - {at: due, to: manager}\n", `own.yaml:5:10: ladders[0].rungs[1].at: "due" is there twice: put the people of both into one rung`},
		{"nobody told when overdue", ladder + "      - {at: start, to: owner}\n", "own.yaml:2:5: ladders[0]: ladder own tells nobody once a duty is overdue: add a rung at due"},
		{"rung never reached", strings.Replace(minimal, "owner: practitioner", "owner: practitioner\n    ladder: own", 1) + "---\n" + ladder + "      - {at: 2 weeks before, to: owner}\n      - {at: due, to: owner}\n",
			`own.yaml:16:10: ladders[0].rungs[0].at: "2 weeks before" is never reached: every duty on ladder own is due sooner than that after it opens`},
		{"severity", "ladders:\n  - {id: own, severity: 10, rungs: [{at: due, to: manager}]}\n", "own.yaml:2:15: ladders[0].severity: 10 is out of range: 0 is the most serious, 9 the least"},
		{"urgent ladder less serious than one that waits", "ladders:\n  - {id: own, office_hours: false, severity: 3, rungs: [{at: due, to: manager}]}\n",
			"own.yaml:2:36: ladders[0].severity: ladder own does not wait for office hours, so it must be more serious than chase, which does: give it less than 2"},
		{"urgent ladder as serious as one that waits", "ladders:\n  - {id: own, office_hours: false, severity: 2, rungs: [{at: due, to: manager}]}\n",
			"own.yaml:2:36: ladders[0].severity: ladder own does not wait for office hours, so it must be more serious than chase, which does: give it less than 2"},
		{"urgent ladder beside one that waits and is the most serious", "ladders:\n  - {id: own, rungs: [{at: due, to: manager}]}\n  - {id: routine, office_hours: true, rungs: [{at: due, to: manager}]}\n",
			"own.yaml:2:5: ladders[0].severity: ladder own does not wait for office hours, so it must be more serious than routine, which does: give routine more than 0\n" +
				"own.yaml:3:5: ladders[1].severity: ladder routine waits for office hours, so it must be less serious than immediate, which does not: give it more than 0"},
		{"ladder that waits as serious as an urgent one", "ladders:\n  - {id: own, office_hours: true, severity: 1, rungs: [{at: due, to: manager}]}\n",
			"own.yaml:2:35: ladders[0].severity: ladder own waits for office hours, so it must be less serious than urgent, which does not: give it more than 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pathwayFaults(t, tt.text); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s\nof\n%s", got, tt.want, tt.text)
			}
		})
	}
}

func TestLadderEveryDutyNeedsMustBeThere(t *testing.T) {
	s := &ruleSet{pathways: map[string]*ruleDocument{}, sets: map[string]*ruleDocument{}, ladders: map[string]*ladderDocument{}}
	s.read("own.yaml", []byte("ladders:\n  - {id: urgent, rungs: [{at: due, to: manager}]}\n"), false)
	_, err := s.build()
	if want := `pathways: there is no ladder "routine", which every duty climbs that names no other: add it`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
