package scheduler

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/notify/govuktest"
)

// notifyServer is GOV.UK Notify, where something is wrong with texts, or with this
// machine's clock.
type notifyServer struct {
	*govuktest.Server
	behind atomic.Int64 // by how much this machine's clock is
}

// wrong is something that goes wrong there.
type wrong func(s *notifyServer)

func (s *notifyServer) Plan(all ...wrong) {
	for _, do := range all {
		do(s)
	}
}

func (s *notifyServer) Forget() {
	s.Server.Forget()
	s.behind.Store(0)
	for _, who := range []string{w1Mobile, "w1@example.org"} {
		s.Fate(who, "")
	}
}

func onlyWith(do wrong) func(int) []wrong { return func(int) []wrong { return []wrong{do} } }

// firstText is what goes wrong with the first text, which is W1's.
func firstText(f govuktest.Fault) func(int) []wrong {
	f.At = "POST /v2/notifications/sms"
	return onlyWith(func(s *notifyServer) { s.Server.Plan(f) })
}

func allTexts(f govuktest.Fault) func(int) []wrong {
	f.Always = true
	return firstText(f)
}

// ends is how messages to W1's address end.
func ends(who, status string) func(int) []wrong {
	return onlyWith(func(s *notifyServer) { s.Fate(who, status) })
}

// TestFaultsOfNotify plays every fault of GOV.UK Notify's over its own protocol;
// emails go there too. It tells of the newest message first.
func TestFaultsOfNotify(t *testing.T) {
	for _, row := range notifyFaults {
		row.tell(t, func(t *testing.T, a *afternoon) faulty[wrong] {
			s := &notifyServer{Server: govuktest.Start(t, govuktest.Options{Now: a.w.clock.Now, DeliverAfter: 5 * time.Second})}
			for channel, template := range map[string]string{notify.BySMS: govuktest.TextTemplateID, notify.ByEmail: govuktest.EmailTemplateID} {
				settings := govuk.Settings{APIKey: govuktest.APIKey, BaseURL: s.URL, Channel: channel, TemplateID: template,
					Now: func() time.Time { return a.w.clock.Now().Add(-time.Duration(s.behind.Load())) }}
				if strings.Contains(t.Name(), "no_answer") {
					settings.Timeout = time.Second
				}
				c, err := govuk.New(newComposer(t), settings)
				a.channels[channel] = closed(t, c, err)
			}
			return s
		})
	}
}

var notifyFaults = []fault[wrong]{
	{name: "400, a landline", plan: onlyWith(func(*notifyServer) {}), scene: `UPDATE people SET mobile = '+441632960101' WHERE id = 'W1'`,
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W1 email sent
			15:00:10 W1 email delivered
			15:00:10 W2 sms delivered
			sms W1 failed address 400 ValidationError
			sms W2 delivered
			email W1 delivered
			address off, texts go, operations not told, 2 taken`},
	{name: "400 that nobody knows", plan: firstText(govuktest.Refuse(400, "BadRequestError", "Something is not right")),
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 operations email sent
			15:00:00 W1 email sent
			15:00:10 W1 email delivered
			15:00:10 operations email delivered
			15:00:10 W2 sms delivered
			sms W1 failed content 400 BadRequestError
			sms W2 delivered
			email operations delivered
			email W1 delivered
			address used, texts go, operations told 1×, 3 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W1 email sent
			15:00:00 operations email sent
			15:00:10 W1 email delivered
			15:00:10 operations email delivered
			15:00:10 W2 sms delivered
			sms W1 failed content 400 BadRequestError
			sms W2 delivered
			email operations delivered
			email W1 delivered
			address used, texts go, operations told 1×, 3 taken`},

	// With the clock wrong nothing goes by either channel: what there is to tell
	// operations tries the one and then the other.
	{name: "AuthError, this machine's clock is wrong until 15:12", over: "15:12",
		plan: onlyWith(func(s *notifyServer) { s.behind.Store(int64(time.Minute)) }),
		routine: `
			15:00:00 W1 sms later, again 15:05:00
			15:00:00 operations email failed
			15:05:00 operations sms failed
			15:05:00 operations sms later, again 15:10:00
			15:05:00 operations email later, again 15:10:00
			15:10:00 operations email later, again 15:15:00
			15:10:00 operations sms later, again 15:15:00
			15:10:00 W2 sms later, again 15:15:00
			15:15:00 operations email sent
			15:15:00 operations sms sent
			15:15:00 W1 sms sent
			15:15:00 W2 sms sent
			15:15:10 operations email delivered
			15:15:10 operations sms delivered
			15:15:10 W2 sms delivered
			15:15:10 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations failed account 403 AuthError
			sms operations failed account 403 AuthError
			sms operations delivered
			email operations delivered
			address used, texts go, operations told 4×, 4 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email later, again 15:05:00
			15:05:00 W1 email later, again 15:10:00
			15:05:00 W2 email later, again 15:10:00
			15:05:00 operations sms failed
			15:10:00 W1 email later, again 15:15:00
			15:10:00 operations email failed
			15:10:00 operations sms later, again 15:15:00
			15:15:00 W1 email sent
			15:15:00 W2 email sent
			15:15:00 operations email sent
			15:15:00 operations sms sent
			15:15:10 operations email delivered
			15:15:10 W2 email delivered
			15:15:10 W1 email delivered
			15:15:10 operations sms delivered
			sms W1 failed account 403 AuthError
			sms W2 cancelled
			email operations failed account 403 AuthError
			email W1 delivered
			email W2 delivered
			sms operations failed account 403 AuthError
			email operations delivered
			sms operations delivered
			address used, texts go, operations told 4×, 4 taken`},

	{name: "RateLimitError", plan: firstText(govuktest.Refuse(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds")),
		routine: `
			15:00:00 W1 sms later, again 15:00:10
			15:00:10 W1 sms sent
			15:00:10 W2 sms sent
			15:00:20 W2 sms delivered
			15:00:20 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			address used, texts go, operations not told, 2 taken`},
	// Until midnight UTC, and then until the office opens.
	{name: "TooManyRequestsError, the day's limit", until: "15:10",
		plan: allTexts(govuktest.Refuse(429, "TooManyRequestsError", "Exceeded send limits (sms: 250000) for today")),
		routine: `
			15:00:00 W1 sms later, again 08:00:00
			15:00:00 operations email sent
			15:00:10 operations email delivered
			sms W1 failed-temporarily busy 429 TooManyRequestsError
			sms W2 queued
			email operations delivered
			address used, texts stopped, operations told 1×, 1 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email sent
			15:00:00 W2 email sent
			15:00:00 operations email sent
			15:00:10 W2 email delivered
			15:00:10 W1 email delivered
			15:00:10 operations email delivered
			sms W1 failed busy 429 TooManyRequestsError
			sms W2 cancelled
			email operations delivered
			email W1 delivered
			email W2 delivered
			address used, texts stopped, operations told 1×, 3 taken`},

	{name: "500, once", plan: firstText(govuktest.InternalError), routine: askedFirst},
	{name: "502, once, as a page", plan: firstText(govuktest.HTMLPage), routine: askedFirst},
	{name: "no answer in time, not taken", plan: firstText(govuktest.Fault{Stall: true}), routine: askedFirst},
	{name: "no answer in time, taken", plan: firstText(govuktest.Fault{Stall: true, Taken: true}), routine: askedFirst},
	{name: "the connection is lost, not taken", plan: firstText(govuktest.Fault{Drop: true}), routine: askedFirst},
	{name: "the connection is lost, taken", plan: firstText(govuktest.Fault{Drop: true, Taken: true}), routine: askedFirst},
	{name: "taken, in an answer that cannot be read", plan: firstText(govuktest.HalfAnAnswer), routine: askedFirst},
	{name: "500 for two minutes", plan: allTexts(govuktest.InternalError), over: "15:02",
		routine: `
			15:00:00 W1 sms later, again 15:00:30
			15:00:00 W2 sms later, again 15:00:30
			15:00:30 W1 sms later, again 15:01:00
			15:00:30 W2 sms later, again 15:01:00
			15:01:00 W1 sms later, again 15:01:30
			15:01:00 operations email sent
			15:01:10 operations email delivered
			15:01:30 W1 sms later, again 15:02:00
			15:01:30 W2 sms later, again 15:02:00
			15:02:00 W1 sms later, again 15:02:30
			15:02:00 W2 sms later, again 15:02:30
			15:02:30 W1 sms sent
			15:02:30 W2 sms sent
			15:02:40 W2 sms delivered
			15:02:40 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations delivered
			address used, texts go, operations told 1×, 3 taken`,
		urgent: `
			15:00:00 W1 sms later, again 15:00:30
			15:00:00 W2 sms later, again 15:00:30
			15:00:30 W1 sms failed
			15:00:30 W2 sms failed
			15:00:30 W1 email sent
			15:00:30 W2 email sent
			15:00:40 W2 email delivered
			15:00:40 W1 email delivered
			sms W1 failed provider 500 Exception
			sms W2 failed provider 500 Exception
			email W1 delivered
			email W2 delivered
			address used, texts go, operations not told, 2 taken`},

	// Receipts.
	{name: "permanent-failure of a text", plan: ends(w1Mobile, "permanent-failure"),
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W1 sms failed
			15:00:10 W1 email sent
			15:00:20 W1 email delivered
			sms W1 failed address permanent-failure
			sms W2 delivered
			email W1 delivered
			address off, texts go, operations not told, 3 taken`},
	{name: "permanent-failure of an email", plan: ends("w1@example.org", "permanent-failure"), scene: `UPDATE people SET channel = 'email' WHERE id = 'W1'`,
		routine: `
			15:00:00 W1 email sent
			15:00:00 W2 sms sent
			15:00:10 W1 email failed
			15:00:10 W1 sms sent
			15:00:10 W2 sms delivered
			15:00:20 W1 sms delivered
			email W1 failed address permanent-failure
			sms W2 delivered
			sms W1 delivered
			address off, texts go, operations not told, 3 taken`},
	{name: "temporary-failure", plan: ends(w1Mobile, "temporary-failure"),
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W1 sms later, again 15:10:10
			15:10:10 W1 sms sent
			15:10:20 W1 sms later, again 15:40:20
			15:40:20 W1 sms sent
			15:40:30 W1 sms later, again 16:40:30
			16:40:30 W1 sms sent
			16:40:40 W1 sms failed
			16:40:40 W1 email sent
			16:40:50 W1 email delivered
			sms W1 failed unreachable temporary-failure
			sms W2 delivered
			email W1 delivered
			address used, texts go, operations not told, 6 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W1 sms later, again 15:10:10
			15:00:10 W1 email sent
			15:00:20 W1 email delivered
			15:10:10 W1 sms sent
			15:10:20 W1 sms later, again 15:40:20
			15:40:20 W1 sms sent
			15:40:30 W1 sms later, again 16:40:30
			16:40:30 W1 sms sent
			16:40:40 W1 sms failed
			sms W1 failed unreachable temporary-failure
			sms W2 delivered
			email W1 delivered
			address used, texts go, operations not told, 6 taken`},
	{name: "technical-failure for a minute", plan: ends(w1Mobile, "technical-failure"), over: "15:01",
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W1 sms later, again 15:00:25
			15:00:25 W1 sms sent
			15:00:35 W1 sms later, again 15:01:05
			15:01:05 W1 sms sent
			15:01:15 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			address used, texts go, operations not told, 4 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W1 sms later, again 15:00:25
			15:00:25 W1 sms sent
			15:00:35 W1 sms failed
			15:00:35 W1 email sent
			15:00:45 W1 email delivered
			sms W1 failed provider technical-failure
			sms W2 delivered
			email W1 delivered
			address used, texts go, operations not told, 4 taken`},
}

// askedFirst is the story of a text that goes half a minute later, once: when Notify
// has surely made up its mind about the first request, it is asked.
const askedFirst = `
	15:00:00 W1 sms later, again 15:00:30
	15:00:00 W2 sms sent
	15:00:10 W2 sms delivered
	15:00:30 W1 sms sent
	15:00:40 W1 sms delivered
	sms W1 delivered
	sms W2 delivered
	address used, texts go, operations not told, 2 taken`
