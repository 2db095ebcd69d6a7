package twilio

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/notify/twiliotest"
)

// Everything in these tests is invented. The numbers are Ofcom's for drama.
const practitioner = "+447700900101"

// at reads a time in UTC: "2026-09-07 08:30".
func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

var morning = at("2026-09-07 08:30")

// clock is a time that a test moves, and that servers read.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// composer is made once: it tries all its wording.
var composer = sync.OnceValues(func() (*notify.Composer, error) {
	return notify.NewComposer(os.DirFS("../../configs/wording/messages"), notify.Settings{
		From: "Doorstep <doorstep@example.org>", OrganisationName: "Swindon Borough Council", PublicURL: "https://doorstep.example", Location: time.UTC, Origin: origin.FixedKeys()})
})

func newComposer(t testing.TB) *notify.Composer {
	t.Helper()
	c, err := composer()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start is a server that lives at this morning, unless options say otherwise.
func start(t testing.TB, options twiliotest.Options) *twiliotest.Server {
	t.Helper()
	if options.Now == nil {
		options.Now = func() time.Time { return morning }
	}
	return twiliotest.Start(t, options)
}

func newChannel(t testing.TB, server *twiliotest.Server, change func(*Settings)) *Channel {
	t.Helper()
	settings := Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.Number, BaseURL: server.URL}
	if change != nil {
		change(&settings)
	}
	c, err := New(newComposer(t), settings)
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

func reminder(key string) notify.Message {
	return notify.Message{Key: key, Kind: notify.KindReminder, Channel: notify.BySMS, To: notify.Address{Mobile: practitioner}, Created: morning,
		Reminders: []notify.Reminder{{
			CaseRef: "KN-1", Duty: "see-child-again", Title: "See the child again", Attempt: 2,
			Rung: "before-1wd", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1",
			Opened: at("2026-09-01 10:00"), Due: at("2026-09-08 17:00"), Basis: notify.BasisGuidance,
		}}}
}

func send(c *Channel, m notify.Message) notify.Outcome {
	return c.Send(context.Background(), morning, m)
}

func mustSend(t testing.TB, c *Channel, m notify.Message) string {
	t.Helper()
	o := send(c, m)
	if o.State != notify.Sent || o.ProviderID == "" || !o.Tracked {
		t.Fatalf("the outcome is %+v, want it sent, with a SID, and tracked", o)
	}
	return o.ProviderID
}

// tellsNothing fails where something that people or logs see holds a number, words
// of the text, the account or its token.
func tellsNothing(t *testing.T, seen any) {
	t.Helper()
	said := fmt.Sprintf("%+v", seen)
	for _, secret := range []string{practitioner, practitioner[3:], "900101", "See the child", "KN-1", twiliotest.AuthToken, twiliotest.AccountSID, twiliotest.Number} {
		if strings.Contains(strings.ToLower(said), strings.ToLower(secret)) {
			t.Errorf("%q holds %q", said, secret)
		}
	}
}
