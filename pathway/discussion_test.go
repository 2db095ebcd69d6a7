package pathway

import (
	"testing"
	"time"
)

func TestLastDiscussion(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 9, 2, hour, 0, 0, 0, time.UTC) }
	discussed := func(id string, hour int, value string) Event {
		return Event{ID: id, Kind: KindDiscussedWithManager, At: at(hour), Recorded: at(hour), Value: value}
	}
	seen := Event{ID: "s", Kind: KindSeen, At: at(12), Recorded: at(12)}
	both := "seen-by-others=no;concern=high"
	for story, test := range map[string]struct {
		events []Event
		want   Discussion
	}{
		"nothing was discussed":           {nil, Discussion{}},
		"discussed, and neither said":     {[]Event{discussed("a", 10, "")}, Discussion{}},
		"both":                            {[]Event{discussed("a", 10, both)}, Discussion{at(10), "high", "no"}},
		"the later one counts":            {[]Event{discussed("b", 11, "concern=low"), discussed("a", 10, both)}, Discussion{at(11), "low", "no"}},
		"seen meanwhile":                  {[]Event{discussed("a", 10, both), seen}, Discussion{}},
		"discussed again after a seen":    {[]Event{discussed("a", 10, both), seen, discussed("b", 13, "seen-by-others=unknown")}, Discussion{at(13), "", "unknown"}},
		"recorded in error":               {[]Event{discussed("a", 10, both), {ID: "v", Kind: KindVoided, At: at(11), Recorded: at(11), Value: "a"}}, Discussion{}},
		"other words are nobody's to see": {[]Event{discussed("a", 10, "concern=mother drinks;seen-by-others=aunt")}, Discussion{}},
	} {
		if got := LastDiscussion(test.events); got != test.want {
			t.Errorf("%s: got %+v, want %+v", story, got, test.want)
		}
	}
}
