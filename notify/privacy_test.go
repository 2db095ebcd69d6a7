package notify

import (
	"strings"
	"testing"
)

// TestWordingThatCouldIdentifyAFamilyIsRefused: with the place and what to do.
func TestWordingThatCouldIdentifyAFamilyIsRefused(t *testing.T) {
	const (
		why    = "tells why a family is known"
		code   = "looks like a postcode: take it out"
		street = "looks like an address: take it out"
		birth  = "looks like a date of birth: take it out"
		name   = "looks like somebody's name: take it out"
		asks   = "asks for personal details in an answer"
	)
	tests := []struct {
		wording string
		at      string // line:column in zz.tmpl
		want    string
	}{
		{"{{define \"stops\"}}This is about child protection.{{end}}", "1:33", `"child protection" ` + why},
		{"{{define \"stops\"}}\n\n  A Child\n  in Need visit.{{end}}", "3:5", `"Child in Need" ` + why},
		{"{{define \"stops\"}}é{{if .Several}}child{{end}} protection{{end}}", "1:35", `"child protection" ` + why},
		{"{{define \"role\"}}{{if eq . \"chair\"}}{{\"safeguarding chair\"}}{{end}}{{end}}", "1:40", `"safeguarding" ` + why},
		{"{{define \"stops\"}}A 'looked-after' child{{end}}", "1:22", `"looked-after" ` + why},
		{"{{define \"stops\"}}the section 47 visit{{end}}", "1:23", `"section 47" ` + why},
		{"{{define \"stops\"}}the S47 visit{{end}}", "1:23", `"S47" ` + why},
		{"{{define \"stops\"}}the s.47 visit{{end}}", "1:23", `"s.47" ` + why},
		{"{{define \"stops\"}}a vulnerable family{{end}}", "1:21", `"vulnerable" ` + why},
		{"{{define \"stops\"}}DOMESTIC ABUSE{{end}}", "1:19", `"DOMESTIC" ` + why},
		{"{{define \"stops\"}}her unborn child{{end}}", "1:23", `"unborn" ` + why},
		{"{{define \"stops\"}}the pregnancy{{end}}", "1:23", `"pregnancy" ` + why},
		{"{{define \"stops\"}}an ante-natal visit{{end}}", "1:22", `"ante-natal" ` + why},
		{"{{define \"stops\"}}a CP visit{{end}}", "1:21", `"CP" ` + why},
		{"{{define \"stops\"}}a CiN visit{{end}}", "1:21", `"CiN" ` + why},
		{"{{define \"stops\"}}D.O.B. is on the page{{end}}", "1:19", `"D.O.B" ` + why},
		{"{{define \"stops\"}}<p title=\"child protection\">{{end}}", "1:29", why},
		{"{{define \"stops\"}}SN1 2JH{{end}}", "1:19", code},
		{"{{define \"stops\"}}at sn12jh or WC2N5DU{{end}}", "1:32", code},
		{"{{define \"stops\"}}at 12 High Street{{end}}", "1:22", street},
		{"{{define \"stops\"}}at 4a Church End Road, upstairs{{end}}", "1:22", street},
		{"{{define \"stops\"}}aged 01/02/2024{{end}}", "1:24", birth},
		{"{{define \"stops\"}}on 2024-02-01{{end}}", "1:22", birth},
		{"{{define \"stops\"}}on 1st February 2024{{end}}", "1:22", birth},
		{"{{define \"stops\"}}on Feb 1, 2024{{end}}", "1:22", birth},
		{"{{define \"stops\"}}Phone Mrs Example{{end}}", "1:25", name},
		{"{{define \"stops\"}}Phone Dr. Example{{end}}", "1:25", name},
		{"{{define \"reply\"}} Reply with the child's name and {{.ReplyCode}}{{end}}", "1:20", asks},
		{"{{define \"stops\"}}Please text us the new\naddress.{{end}}", "1:26", asks},
		{"{{define \"stops\"}}Tell us the phone number{{end}}", "1:19", asks},
	}
	for _, test := range tests {
		_, err := NewComposer(shippedWording(t, map[string]string{"zz.tmpl": test.wording}), testSettings)
		if want := "message wording: zz.tmpl:" + test.at + ": "; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\ngives %v\nwant %s%s", test.wording, err, want, test.want)
		}
	}
}

func TestWordingThatIdentifiesNobodyIsTaken(t *testing.T) {
	for _, wording := range []string{
		"{{define \"stops\"}}{{/* child protection, Mrs Example, SN1 2JH */}}Reminders stop.{{end}}",
		"{{define \"stops\"}}Please do not reply with names or details of a family.{{end}}",
		"{{define \"stops\"}}Never send names. Don't text addresses.{{end}}",
		"{{define \"stops\"}}Take care. Children are seen in their need for protection.{{end}}",
		"{{define \"stops\"}}The worker's 17 duties, 47 of them late: cinema, lac, cp{{end}}",
		"{{define \"stops\"}}<b style=\"color:#AB12CD;margin:0 0 20px\">Due 17:00 on Wed 2 September</b>{{end}}",
		"{{define \"stops\"}}Miss nothing. Reply DONE 4F7KP. Version 1.2. See page 12 of the guidance.{{end}}",
		"{{define \"stops\"}}Newborn visits, carers, abutments and protection of data{{end}}",
		"{{define \"child\"}}child{{end}}\n{{define \"stops\"}}protection of data{{end}}",
	} {
		if _, err := NewComposer(shippedWording(t, map[string]string{"zz.tmpl": wording}), testSettings); err != nil {
			t.Errorf("%s\nis refused: %v", wording, err)
		}
	}
}

func TestEveryFindingInTheWordingHasALine(t *testing.T) {
	_, err := NewComposer(shippedWording(t, map[string]string{
		"yy.tmpl": "{{define \"stops\"}}a CP visit\nto an unborn child {{.Surname}}{{end}}",
		"zz.tmpl": "{{define \"late\"}}domestic{{end}}",
	}), testSettings)
	if err == nil {
		t.Fatal("the wording is taken")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{"yy.tmpl:1:21: ", "yy.tmpl:2:7: ", "yy.tmpl:2:22: ", "zz.tmpl:1:18: "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], "message wording: "+want) {
			t.Errorf("the findings are\n%v\nwant number %d at %s", err, i+1, want)
		}
	}
	if len(lines) != 4 {
		t.Errorf("%d findings, want 4:\n%v", len(lines), err)
	}
}

func TestASentenceThatAnotherFileReplacesIsLookedAtToo(t *testing.T) {
	_, err := NewComposer(shippedWording(t, map[string]string{"own.tmpl": `{{define "stops"}}a CP visit{{end}}`}), testSettings)
	if want := "message wording: own.tmpl:1:21: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want one at %s", err, want)
	}
}

func TestAFindingDoesNotRepeatWhatLooksPersonal(t *testing.T) {
	_, err := NewComposer(shippedWording(t, map[string]string{"zz.tmpl": "{{define \"stops\"}}Mrs Example, SN1 2JH, born 01/02/2024, 12 High Street{{end}}"}), testSettings)
	if err == nil {
		t.Fatal("the wording is taken")
	}
	for _, personal := range []string{"Example", "SN1", "2024", "High"} {
		if strings.Contains(err.Error(), personal) {
			t.Errorf("the findings repeat %q:\n%v", personal, err)
		}
	}
}

func TestTitles(t *testing.T) {
	for title, want := range map[string]string{
		"See the child again": "",
		"Discuss the unsuccessful visit with the team manager": "",
		"Set the visiting frequency in supervision":            "",
		"Liaise (level 1)":                                 "",
		"Decide whether to refer":                          "",
		"Decide whether a safeguarding referral is needed": `"safeguarding" tells why`,
		"Answer whether vulnerabilities were identified":   `"vulnerabilities" tells why`,
		"See the mother before the birth":                  `"before the birth" tells why`,
		"Make the CP visit":                                `"CP" tells why`,
		"See Miss Example again":                           "looks like somebody's name",
	} {
		err := LintTitle(title)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", title, err, want)
		}
	}
}

func TestClausesAreShownByTheirReference(t *testing.T) {
	for clause, want := range map[string]string{
		`Knowsley 1: "CIN/CP/CfC – See child/ren within minimum statutory guidelines"`: "Knowsley 1",
		`Swindon, page 1: "Should there be a breakdown in the relationship"`:           "Swindon, page 1",
		`Swindon, Antenatal Pathway: "Contact parents / send letter"`:                  "Swindon",
		`Swindon, Antenatal Pathway; the guidance names no figure`:                     "Swindon",
		`Swindon, Antenatal plus Vulnerabilities, Attempt One: "Liaise with Midwife"`:  "Swindon",
		`Swindon “CP visits”`:                      "Swindon",
		"Knowsley No Access Visit Guidance, 3.4":   "Knowsley No Access Visit Guidance, 3.4",
		"Child protection procedures, 2":           "",
		"Our own default since the review of 2024": "Our own default since the review of 2024",
		"": "",
	} {
		if got := shortClause(clause); got != want {
			t.Errorf("%q is shown as %q, want %q", clause, got, want)
		}
	}
}

func BenchmarkTells(b *testing.B) {
	for b.Loop() {
		if tells("5 working days from the unsuccessful visit on Tue 1 September; 31 August is a bank holiday.") {
			b.Fatal("it tells nothing")
		}
	}
}
