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
	said := written(casefile.Digest(t.Context(), s.Store, s.rules, "G1", then))

	s.takesIn("2026-09-04 09:00", nil, nil, pathway.Event{ID: "x4", Case: "KN-7", Kind: pathway.KindVoided, By: "W1", At: s.at("2026-09-03 11:30"), Value: "x3"})
	s.takesIn("2026-09-04 10:00", nil, nil, pathway.Event{ID: "x5", Case: "KN-8", Kind: pathway.KindSeen, By: "W2", At: s.at("2026-09-02 17:00")})
	other.Manager, other.Practitioner = "G2", "W1"
	s.takesIn("2026-09-05 09:00", []pathway.Person{
		{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "West", Email: "g1@example.org", Mobile: "+447700900111", ReportsTo: "V1", Cover: "G2",
			AwayFrom: s.at("2026-09-01 00:00"), AwayUntil: s.at("2026-09-20 00:00")},
	}, []pathway.Case{other})
	s.takesIn("2026-09-06 09:00", nil, []pathway.Case{
		{Ref: "KN-9", Pathway: "csc-child-and-family", Opened: s.at("2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Team: "East"}})

	if now := written(casefile.Digest(t.Context(), s.Store, s.rules, "G2", s.at("2026-09-06 10:00"))); now == said {
		t.Error("nothing has changed since: the test shows nothing")
	}
	if again := written(casefile.DigestAsKnown(t.Context(), s.Store, s.rules, "G1", then, s.at("2026-09-06 10:00"))); again != said {
		t.Errorf("the digest of Thursday noon is now\n%s\nand said then\n%s", again, said)
	}
}
