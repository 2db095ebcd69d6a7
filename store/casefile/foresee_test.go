package casefile_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// recordsAsForeseen records events of KN-7 at now if what follows is what was foreseen,
// and reports whether it was.
func (s *scene) recordsAsForeseen(now time.Time, events ...pathway.Event) (kept bool, err error) {
	s.t.Helper()
	file := s.reads(now.In(s.rules.Calendar.Location()).Format("2006-01-02 15:04"))
	ahead, err := file.Foresee(s.t.Context(), s.Store, s.rules, nil, func(string) *pathway.Person { return nil }, events)
	if err != nil {
		s.t.Fatal(err)
	}
	recorded, err := s.Record(s.t.Context(), now, "W1", events, store.RecordOptions{Rules: s.rules, Way: pathway.WayPage,
		KeepIf: func(r *store.Recorded) bool { return ahead.Foretold("KN-7", r) }})
	return recorded.Kept, err
}

// TestADutyThatComesBackIsForeseen: the third visit calls for a look at the history; one
// that is entered late makes another visit the third, and is undone. Whoever undoes it is
// not told for ever that things have changed meanwhile.
func TestADutyThatComesBackIsForeseen(t *testing.T) {
	s := newScene(t)
	visit := func(id, now, at string) pathway.Event {
		return pathway.Event{ID: id, Case: "KN-7", Kind: pathway.KindNoAccess, By: "W1", At: s.at(at), Recorded: s.at(now)}
	}
	for _, e := range []struct{ id, now, at string }{
		{"v1", "2026-09-02 10:00", "2026-09-02 10:00"}, {"v2", "2026-09-03 10:00", "2026-09-03 10:00"}, {"v3", "2026-09-04 10:00", "2026-09-04 10:00"},
		{"v0", "2026-09-04 12:00", "2026-09-01 12:00"},
	} {
		if kept, err := s.recordsAsForeseen(s.at(e.now), visit(e.id, e.now, e.at)); err != nil || !kept {
			t.Fatalf("%s: kept %v, error %v; want it kept", e.id, kept, err)
		}
	}
	undo := pathway.Event{ID: "u1", Case: "KN-7", Kind: pathway.KindVoided, By: "W1", At: s.at("2026-09-04 14:00"), Recorded: s.at("2026-09-04 14:00"), Value: "v0", Reason: "another case"}
	if kept, err := s.recordsAsForeseen(s.at("2026-09-04 14:00"), undo); err != nil || !kept {
		t.Errorf("undoing the late entry: kept %v, error %v; want it kept", kept, err)
	}
	var open []string
	file := s.reads("2026-09-04 14:00")
	for i := range file.Duties {
		if d := &file.Duties[i]; d.DutyID() == "review-history" && d.IsOpen() {
			open = append(open, d.Opening)
		}
	}
	if fmt.Sprint(open) != "[v3]" {
		t.Errorf("the history is to be reviewed after %v, want after v3 as before", open)
	}
}

// TestWhatIsForeseenIsWhatFollows: whatever happens on a case, in whichever order it is
// entered.
func TestWhatIsForeseenIsWhatFollows(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			random := rand.New(rand.NewPCG(seed, 7))
			kinds := []string{pathway.KindNoAccess, pathway.KindNoAccess, pathway.KindNotSeen, pathway.KindCancelledByFamily, pathway.KindSeen, pathway.KindDiscussedWithManager,
				pathway.KindTimeframeSet, pathway.KindRecorded, pathway.KindVoided, pathway.KindVoided, pathway.KindClosed, pathway.KindReopened}
			var ids []string
			now := s.at("2026-09-06 09:00")
			for i := range 40 {
				now = now.Add(time.Duration(random.IntN(12*60)) * time.Minute)
				e := pathway.Event{ID: fmt.Sprint("x", i), Case: "KN-7", Kind: kinds[random.IntN(len(kinds))], By: "W1", Recorded: now,
					At: now.Add(-time.Duration(random.IntN(5*24*60)) * time.Minute)}
				switch {
				case e.Kind == pathway.KindVoided && len(ids) == 0:
					continue
				case e.Kind == pathway.KindVoided:
					e.Value, e.At = ids[random.IntN(len(ids))], now
				case e.Kind == pathway.KindTimeframeSet:
					e.By, e.Due = "G1", e.At.Add(48*time.Hour)
				}
				kept, err := s.recordsAsForeseen(now, e)
				switch {
				case pathway.ProblemOf(err) == pathway.Refused:
				case err != nil:
					t.Fatal(err)
				case !kept:
					t.Fatalf("step %d, %s at %s: what followed is not what was foreseen", i, e.Kind, e.At)
				default:
					ids = append(ids, e.ID)
				}
			}
		})
	}
}
