package casefile_test

import (
	"encoding/json"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// TestTheDigestOfAPastDaySaysWhatWasKnownThen: word for word what the digest of that
// moment said, whatever was recorded, voided, handed over or changed since.
func TestTheDigestOfAPastDaySaysWhatWasKnownThen(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.happens("x2", pathway.KindDiscussedWithManager, "2026-09-02 15:00", "concern=high")
	other := pathway.Case{Ref: "KN-8", Pathway: "csc-child-and-family", Opened: s.at("2026-09-01 09:00"), Practitioner: "W2", Manager: "G1", Team: "East"}
	s.takesIn("2026-09-02 16:00", nil, []pathway.Case{other})
	s.hadDigest("G1", "2026-09-02 08:00")
	written := func(d any, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(d, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	then := s.at("2026-09-03 12:00")
	s.happens("x3", pathway.KindSeen, "2026-09-03 11:00", "") // recorded when it happened: known by noon
	said := written(casefile.Digest(t.Context(), s.Store, s.rules, nil, "G1", then))

	s.takesIn("2026-09-04 09:00", nil, nil, pathway.Event{ID: "x4", Case: "KN-7", Kind: pathway.KindVoided, By: "W1", At: s.at("2026-09-03 11:30"), Value: "x3"})
	s.takesIn("2026-09-04 10:00", nil, nil, pathway.Event{ID: "x5", Case: "KN-8", Kind: pathway.KindSeen, By: "W2", At: s.at("2026-09-02 17:00")})
	other.Manager, other.Practitioner = "G2", "W1"
	s.takesIn("2026-09-05 09:00", []pathway.Person{
		{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "West", Email: "g1@example.org", Mobile: "+447700900111", ReportsTo: "V1", Cover: "G2",
			AwayFrom: s.at("2026-09-01 00:00"), AwayUntil: s.at("2026-09-20 00:00")},
	}, []pathway.Case{other})
	s.takesIn("2026-09-06 09:00", nil, []pathway.Case{
		{Ref: "KN-9", Pathway: "csc-child-and-family", Opened: s.at("2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Team: "East"}})

	if now := written(casefile.Digest(t.Context(), s.Store, s.rules, nil, "G2", s.at("2026-09-06 10:00"))); now == said {
		t.Error("nothing has changed since: the test shows nothing")
	}
	if again := written(casefile.DigestAsKnown(t.Context(), s.Store, s.rules, nil, "G1", then, s.at("2026-09-06 10:00"))); again != said {
		t.Errorf("the digest of Thursday noon is now\n%s\nand said then\n%s", again, said)
	}
}

// TestAChairsDigestOfAPastDaySaysWhatWasKnownThen: as a manager's does.
func TestAChairsDigestOfAPastDaySaysWhatWasKnownThen(t *testing.T) {
	s := newTeam(t)
	s.takesIn("2026-08-20 09:31", []pathway.Person{{ID: "C1", Name: "Chair One", Role: pathway.Chair, Email: "c1@example.org"}, {ID: "C2", Name: "Chair Two", Role: pathway.Chair, Email: "c2@example.org"}}, nil)
	tracked := pathway.Case{Ref: "CH-1", Pathway: "csc-plan", Plan: "cp", Opened: s.at("2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Chair: "C1", Team: "East"}
	late := tracked
	late.Ref = "CH-2"
	s.takesIn("2026-09-02 12:00", nil, []pathway.Case{tracked},
		pathway.Event{ID: "x1", Case: "CH-1", Kind: pathway.KindNoAccess, At: s.at("2026-09-02 10:00"), By: "W1"},
		pathway.Event{ID: "x2", Case: "CH-1", Kind: pathway.KindNoAccess, At: s.at("2026-09-02 11:00"), By: "W1"})
	then, later := s.at("2026-09-07 08:00"), s.at("2026-09-10 10:00")
	written := func(d any, err error) string {
		t.Helper()
		text, bad := json.MarshalIndent(d, "", " ")
		if err != nil || bad != nil {
			t.Fatal(err, bad)
		}
		return string(text)
	}
	said := written(casefile.ChairDigest(t.Context(), s.Store, s.rules, "C1", then))

	s.takesIn("2026-09-08 09:00", nil, []pathway.Case{late},
		pathway.Event{ID: "x3", Case: "CH-1", Kind: pathway.KindActionAgreed, At: s.at("2026-09-04 10:00"), By: "G1"},
		pathway.Event{ID: "x4", Case: "CH-1", Kind: pathway.KindNoAccess, At: s.at("2026-09-08 08:00"), By: "W1"},
		pathway.Event{ID: "x5", Case: "CH-2", Kind: pathway.KindNoAccess, At: s.at("2026-09-02 10:00"), By: "W1"})
	tracked.Chair = "C2"
	s.takesIn("2026-09-09 09:00", nil, []pathway.Case{tracked})

	if now := written(casefile.ChairDigest(t.Context(), s.Store, s.rules, "C1", later)); now == said {
		t.Error("nothing has changed since: the test shows nothing")
	}
	if again := written(casefile.ChairDigestAsKnown(t.Context(), s.Store, s.rules, "C1", then, later)); again != said {
		t.Errorf("the chair's digest of Monday is now\n%s\nand said then\n%s", again, said)
	}
}
