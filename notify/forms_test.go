package notify

import (
	htmltemplate "html/template"
	"slices"
	"testing"
	"text/template"
	"text/template/parse"
	"time"

	"pgregory.net/rapid"
)

// withForms is a composer of the shipped wording that has said nothing yet. Without trees it
// runs every template anew.
func withForms(t *testing.T, trees func(string) *parse.Tree) *Composer {
	c := *newComposer(t)
	c.said, c.shown = newForms(c.text, trees, asIs), newForms(c.html, trees, htmlText)
	return &c
}

func noTrees(string) *parse.Tree { return nil }

func (f *forms) countFit() (n int) {
	for _, form := range f.known {
		if form != nil && !form.unfit {
			n++
		}
	}
	return n
}

// TestFormsSayWhatTheTemplatesSay: a message is the same, byte for byte, whether its words
// were taken from a form or the templates were run.
func TestFormsSayWhatTheTemplatesSay(t *testing.T) {
	c, plain := withForms(t, newComposer(t).said.trees), withForms(t, noTrees)
	oneOf := func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }
	refs := oneOf("KN-1", "KN-2", "SW-31", "K&N <1>", "O'B+2", `"KN"`, "KN-é")
	ids := oneOf("W1", "W2", "", "M1", "<W3>")
	roles := oneOf("practitioner", "manager", "service-manager", "chair")
	now := at("2026-09-07 08:30")
	moments := rapid.Map(rapid.SampledFrom([]int{-3000, -1500, -90, -20, -5, -1, 0, 1, 30, 600, 2000, 20_000}), func(minutes int) time.Time {
		return now.Add(time.Duration(minutes) * time.Minute)
	})
	perhaps := rapid.OneOf(rapid.Just(time.Time{}), moments)
	reminders := rapid.Custom(func(t *rapid.T) Reminder {
		r := Reminder{
			CaseRef: refs.Draw(t, "ref"), Duty: "see-child-again", Title: oneOf("See the child again", "Discuss & agree", "Liaise +1").Draw(t, "title"),
			Attempt: rapid.IntRange(0, 2).Draw(t, "attempt"), Rung: oneOf("start", "set", "due", "again", "after-4h", "before-1wd").Draw(t, "rung"),
			Role: roles.Draw(t, "role"), OwnerRole: roles.Draw(t, "owner"), OwnerID: ids.Draw(t, "ownerID"),
			Urgent: rapid.Bool().Draw(t, "urgent"), Due: moments.Draw(t, "due"), OpensFrom: perhaps.Draw(t, "opens"), Said: perhaps.Draw(t, "said"),
			Why:   oneOf("5 working days from Tue 1 September.", "1 hour from the visit", "", "qk7zq0x\"&'+<> x").Draw(t, "why"),
			Basis: oneOf(BasisGuidance, BasisLocal).Draw(t, "basis"), Clause: oneOf("", "Guidance, 3.4").Draw(t, "clause"),
			CoverFor: ids.Draw(t, "cover"), Unreached: ids.Draw(t, "unreached"), SetBy: ids.Draw(t, "setBy"), Was: perhaps.Draw(t, "was"), Moved: now,
			RecordedAfter: oneOf("", "33 hours").Draw(t, "after"), Left: oneOf("", "1 hour", "15 hours").Draw(t, "left"),
			Merged: rapid.Bool().Draw(t, "merged"), Household: rapid.SampledFrom([][]string{nil, {"KN-5"}, {"KN-5", "KN-6"}}).Draw(t, "household"),
			AnswerPage: oneOf("", "record", "do/liaise").Draw(t, "answer"),
		}
		if rapid.Bool().Draw(t, "discussed") {
			r.Discussed = &Discussed{now, oneOf("", "high").Draw(t, "concern"), oneOf("", "unknown", "yes").Draw(t, "seen")}
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		m := reminderEmail("forms", rapid.SliceOfN(reminders, 1, 2).Draw(t, "reminders")...)
		if rapid.Bool().Draw(t, "by text") {
			m = asSMS(m)
		}
		want, wantErr := plain.Compose(now, m)
		for range 3 { // the form is made at the second
			got, err := c.Compose(now, m)
			if err != nil || wantErr != nil {
				t.Fatalf("composing gives %v, want as without forms: %v", err, wantErr)
			}
			if *got != *want {
				t.Fatalf("from forms\n%+v\nwant as the templates give it\n%+v", *got, *want)
			}
		}
	})
	for _, f := range []*forms{c.said, c.shown} {
		if f.countFit() == 0 {
			t.Error("no form was filled in: the templates were run each time")
		}
	}
}

// TestRemindersOfTheShippedWordingAreForms: all that differs between reminders of one kind
// only stands in their words.
func TestRemindersOfTheShippedWordingAreForms(t *testing.T) {
	c := withForms(t, newComposer(t).said.trees)
	say := func(ref, worker string) {
		r := discuss()
		r.CaseRef, r.OwnerID = ref, worker
		if _, err := c.Compose(at("2026-09-07 08:30"), reminderEmail(ref, r)); err != nil {
			t.Fatal(err)
		}
	}
	for _, ref := range []string{"KN-1", "KN-2"} {
		say(ref, "W1")
	}
	said, shown := len(c.said.known), len(c.shown.known)
	say("KN-31", "W202")
	if len(c.said.known) != said || len(c.shown.known) != shown {
		t.Errorf("another case and worker took %d and %d forms more, want none", len(c.said.known)-said, len(c.shown.known)-shown)
	}
	for _, f := range []*forms{c.said, c.shown} {
		if fit := f.countFit(); fit != len(f.known) || fit == 0 {
			t.Errorf("%d of %d are forms, want all", fit, len(f.known))
		}
	}
}

// TestValuesThatDecideAreNotFilledIn: whatever wording does with a value.
func TestValuesThatDecideAreNotFilledIn(t *testing.T) {
	values := []string{"KN-1", "KN-2", "", "a b&c", "javascript:alert(1)", `x" onclick="y`, "red", "expression(1)", "https://x.example/cases/KN-1", "https://x.example/?a=1&b=c d",
		"https://y.example/cases/KN-22", "qk7zq0x\"&'+<> x", "zv3xj0x", "KN-\u00e9", "\x00", "\xff", "</style>", "-->", "1"}
	for _, words := range []string{
		`{{.CaseRef}}`,
		`{{.CaseRef}}{{.CaseRef}}, {{.Title}}`,
		`{{if eq .CaseRef "KN-2"}}the second{{else}}{{.CaseRef}}{{end}}`,
		`{{if .CaseRef}}it is {{.CaseRef}}{{else}}none{{end}}`,
		`{{if and .CaseRef (not .Title)}}{{.CaseRef}}{{end}}`,
		`{{or .CaseRef "none"}}`,
		`{{len .CaseRef}} {{.CaseRef}}`,
		`{{printf "%.2s" .CaseRef}}`,
		`{{.CaseRef | printf "%q"}}`,
		`{{slice .Household 0}} {{len .Household}} {{range .Household}}{{.}}{{end}}`,
		`{{range $i, $ref := .Household}}{{if $i}}, {{end}}{{$ref}}{{if eq $ref "KN-2"}}!{{end}}{{end}}`,
		`{{range .Household}}{{if eq . "KN-2"}}{{break}}{{end}}{{.}}{{end}}`,
		`{{$x := .CaseRef}}{{$x}}{{if $x := .Title}}{{$x}}{{else}}{{$x}}{{end}}{{$x}}`,
		`{{$x := .CaseRef}}{{$x = .Title}}{{$x}}`,
		`{{with .CaseRef}}{{template "inside" .}}{{end}}{{define "inside"}}{{.}}{{if eq . "KN-2"}}!{{end}}{{end}}`,
		`{{template "again" .}}{{define "again"}}{{.CaseRef}}{{if eq .Attempt 99}}{{template "again" .}}{{end}}{{end}}`,
		`{{.Due}} {{.CaseRef}}`,
		`{{with .Discussed}}{{.Concern}}{{$.CaseRef}}{{end}}`,
		`<a href="{{.CaseRef}}">{{.CaseRef}}</a>`,
		`<a href="/cases/{{.CaseRef}}?q={{.CaseRef}}">x</a>`,
		`<a title="{{.CaseRef}}">x</a>`,
		`<a title={{.CaseRef}}>x</a>`,
		`<a {{.CaseRef}}>x</a>`,
		`<p style="color:{{.CaseRef}}">x</p>`,
		`<style>p{color:{{.CaseRef}}}</style>`,
		`<style>p{background:url({{.CaseRef}})}</style>`,
		`<title>{{.CaseRef}}</title>`,
		`<!-- {{.CaseRef}} -->`,
		`<script>var x = {{.CaseRef}}; var y = "{{.CaseRef}}"</script>`,
		`<img srcset="{{.CaseRef}}">`,
		`{{html .CaseRef}} qk7zq {{.CaseRef}}`,
	} {
		text, html := template.Must(template.New("t").Parse(words)), htmltemplate.Must(htmltemplate.New("t").Parse(words))
		trees := func(name string) *parse.Tree { return text.Lookup(name).Tree }
		said, shown := newForms(text, trees, asIs), newForms(html, trees, htmlText)
		for _, value := range slices.Concat(values, values, values) {
			for _, v := range []reminderView{
				{CaseRef: value, Household: []string{value, "KN-2"}, Discussed: &discussedView{Concern: value}},
				{CaseRef: value, Title: "See the child"},
			} {
				for _, f := range []*forms{said, shown} {
					want, wantErr := execute(f.templates, "t", &v)
					got, err := f.words("t", &v)
					if got != want || (err == nil) != (wantErr == nil) {
						t.Errorf("%s with %q gives\n%q (%v), want\n%q (%v)", words, value, got, err, want, wantErr)
					}
				}
			}
		}
	}
}

func TestFormsAreBounded(t *testing.T) {
	text := template.Must(template.New("t").Parse(`{{if eq .Attempt 1}}first{{end}}{{.CaseRef}}`))
	f := newForms(text, func(string) *parse.Tree { return text.Tree }, asIs)
	for attempt := range 3 * formsAtMost {
		for range 2 {
			if _, err := f.words("t", &reminderView{CaseRef: "KN-1", Attempt: attempt}); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.known) > formsAtMost {
			t.Fatalf("%d forms are remembered, want %d at most", len(f.known), formsAtMost)
		}
	}
}
