package casefile_test

import (
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// TestWhatWaitsIsSaidAlikeEverywhere: a reminder that waits for a channel that is stopped
// says why in the case, on the call sheet and in the digest.
func TestWhatWaitsIsSaidAlikeEverywhere(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.tells("2026-09-02 10:30", "discuss-with-manager", reminder("W1", pathway.ChannelEmail, pathway.Sent))
	if _, err := s.OpenChannel(t.Context(), s.at("2026-09-02 10:31"), store.ChannelState{Channel: pathway.ChannelEmail, State: store.ChannelOpen,
		Reason: "the password is refused", Since: s.at("2026-09-02 10:31"), NextProbe: s.at("2026-09-02 10:40")}); err != nil {
		t.Fatal(err)
	}
	now := s.at("2026-09-02 11:00")
	f, err := casefile.Case(t.Context(), s.Store, s.rules, "KN-7", now)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := casefile.CallSheet(t.Context(), s.Store, s.rules, nil, nil, casefile.Concerning{}, now)
	if err != nil {
		t.Fatal(err)
	}
	d, err := casefile.Digest(t.Context(), s.Store, s.rules, nil, "G1", now)
	if err != nil {
		t.Fatal(err)
	}
	digest := ""
	for _, section := range d.Sections {
		for _, l := range section.Lines {
			if l.Undelivered != nil {
				digest = l.Undelivered.Reason
			}
		}
	}
	if len(f.Reminders) != 1 || len(sheet.Lines) != 1 {
		t.Fatalf("%d reminders and %d lines on the call sheet, want one of each", len(f.Reminders), len(sheet.Lines))
	}
	const want = "the password is refused"
	if f.Reminders[0].StateReason != want || sheet.Lines[0].Reason != want || digest != want {
		t.Errorf("the case says %q, the call sheet %q, the digest %q; want %q", f.Reminders[0].StateReason, sheet.Lines[0].Reason, digest, want)
	}
}
