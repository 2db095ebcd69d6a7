package scheduler

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store/storetest"
)

// fault is a row of the tables: what goes wrong with texts at a provider, and
// everything that follows from it.
type fault[F any] struct {
	name  string
	codes []int  // the story is told with each of them, for CODE; none: once
	scene string // a statement that changes the scene; empty: none
	plan  func(code int) []F
	over  string // when nothing more goes wrong: "15:03"; empty: never
	until string // the end of the story; empty: 17:00
	// What is to happen, line by line, and how all stands in the end: routine texts,
	// and urgent ones where that is another story.
	routine, urgent string
}

// faulty is a provider's server.
type faulty[F any] interface {
	Plan(...F)
	Forget()
	Count() int // what it took
}

// tell tells a row's story on each ladder.
func (f fault[F]) tell(t *testing.T, start func(t *testing.T, a *afternoon) faulty[F]) {
	codes := f.codes
	if codes == nil {
		codes = []int{0}
	}
	if f.urgent == "" {
		f.urgent = f.routine
	}
	if f.until == "" {
		f.until = "17:00"
	}
	for _, code := range codes {
		for ladder, want := range map[string]string{"routine": f.routine, "urgent": f.urgent} {
			name := strings.ReplaceAll(f.name, "CODE", strconv.Itoa(code)) + ", " + ladder
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := newWorld(t, storetest.MigratedSQLiteURL(t)).afternoon(ladder, f.scene)
				server := start(t, a)
				server.Plan(f.plan(code)...)
				if f.over != "" {
					a.passes(f.over)
					server.Forget()
				}
				a.passes(f.until)
				a.wantsStory(server.Count(), strings.ReplaceAll(want, "CODE", strconv.Itoa(code)))
			})
		}
	}
}

// afternoon is a story that begins at 15:00, when W1 and W2 are each to be told of
// a duty by text, over a real provider's protocol. They have emails too.
type afternoon struct {
	*network
	lines []string
}

const (
	storyDay  = "2026-09-02 " // a Wednesday
	storyFrom = storyDay + "15:00"
)

// afternoon sets the scene, and changes it by a statement that is not empty.
func (w *world) afternoon(ladder string, scene string) *afternoon {
	w.t.Helper()
	w.textsOnly()
	if scene != "" {
		w.do(scene)
	}
	for i, who := range []string{"W1", "W2"} {
		w.opens(duty{ref: fmt.Sprint("KN-", i+1), id: "discuss", ladder: ladder, opened: storyFrom, due: "2026-09-03 15:00", recorder: "G1", practitioner: who})
	}
	w.scans(storyFrom)
	a := &afternoon{network: w.network()}
	a.d.happened = a.tell
	return a
}

// tell writes down what happened: "15:00:10 W1 sms later, again 15:10:10".
func (a *afternoon) tell(h happening) {
	clock := func(t time.Time) string { return t.In(a.w.rules.Calendar.Location()).Format("15:04:05") }
	if strings.Contains(string(h.message.Payload), notify.AlertAddressOff) {
		return // stories of their own tell who hears of that
	}
	line := fmt.Sprintf("%s %s %s %s", clock(h.at), h.message.Person, h.message.Channel, h.what)
	if !h.next.IsZero() {
		line += ", again " + clock(h.next)
	}
	a.lines = append(a.lines, line)
}

// passes lets time go by from where the story is: whatever is due happens when it
// is due.
func (a *afternoon) passes(until string) {
	a.w.t.Helper()
	end := at(a.w.t, storyDay+until)
	for now := a.w.clock.Now(); !now.After(end); {
		a.deliversAt(now)
		next, err := a.w.store.NextDelivery(context.Background())
		if err != nil {
			a.w.t.Fatal(err)
		}
		if next.IsZero() {
			break
		}
		if !next.After(now) {
			next = a.d.nextTurn(now)
		}
		now = next
	}
	a.w.clock.jump(end)
}

// stands is the end of the story: each message as the ledger has it, and then in a
// line whether W1's addresses are used, texts go, operations know, and how many messages
// the provider took.
func (a *afternoon) stands(taken int) []string {
	a.w.t.Helper()
	var out []string
	for _, line := range a.w.lines(`SELECT channel, person, state, fault, code FROM messages WHERE payload NOT LIKE '%address-off%' ORDER BY created_at, id`) {
		out = append(out, strings.TrimRight(line, " "))
	}
	for _, channel := range a.w.lines(`SELECT channel FROM messages WHERE payload LIKE '%address-off%' AND state IN ('sent', 'delivered')`) {
		if _, ours := a.channels[channel].(*post); !ours {
			taken--
		}
	}
	state := []string{"address used", "texts go", "operations not told", fmt.Sprintf("%d taken", taken)}
	if len(a.w.lines(`SELECT 1 FROM disabled_addresses WHERE person = 'W1'`)) > 0 {
		state[0] = "address off"
	}
	if len(a.w.lines(`SELECT 1 FROM channel_states WHERE channel = 'sms' AND state = 'open'`)) > 0 {
		state[1] = "texts stopped"
	}
	if alerts := len(a.w.lines(`SELECT 1 FROM messages WHERE person = 'operations' AND payload NOT LIKE '%address-off%'`)); alerts > 0 {
		state[2] = fmt.Sprintf("operations told %d×", alerts)
	}
	return append(out, strings.Join(state, ", "))
}

// wantsStory compares a story with one that is written as a text.
func (a *afternoon) wantsStory(taken int, want string) {
	a.w.t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	a.w.wants("the story", append(a.lines, a.stands(taken)...), lines...)
}

// closed has a channel close at the end of a test.
func closed[C notify.Channel](t *testing.T, c C, err error) C {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}
