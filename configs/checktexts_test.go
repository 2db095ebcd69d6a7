package configs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

const (
	sid       = "AC00000000000000000000000000000001"
	serviceID = "11111111-aaaa-4bbb-8ccc-222222222222"
	notifyAPI = "council-" + serviceID + "-33333333-aaaa-4bbb-8ccc-444444444444"
)

// sending is a configuration that really sends, with what the samples lack.
const sending = "organisation: {name: Council}\npublic_url: https://doorstep.council.example.gov.uk\nduty_address: {email: duty@council.example.gov.uk}\n"

func TestTwilioAccount(t *testing.T) {
	for _, tt := range []struct{ name, sms, want string }{
		{"a number", "twilio: {account_sid: " + sid + ", auth_token: t, from: 01793 400000}", ""},
		{"a service", "twilio: {account_sid: " + sid + ", auth_token: t, messaging_service_sid: MG00000000000000000000000000000002}", ""},
		{"nothing", "twilio: {}", "doorstep.yaml:4:20: sms.twilio.account_sid: is empty: it is needed to send this way\n" +
			"doorstep.yaml:4:20: sms.twilio.auth_token: is empty: it is needed to send this way\n" +
			"doorstep.yaml:4:20: sms.twilio.from: is empty: write the number texts come from, or a messaging_service_sid"},
		{"an API key's SID", "twilio: {account_sid: SK00000000000000000000000000000001, auth_token: t, from: 01793 400000}",
			"doorstep.yaml:4:29: sms.twilio.account_sid: is not an account's SID, which is AC and 32 digits or letters a-f: copy it from the first page of Twilio's console"},
		{"half a service's SID", "twilio: {account_sid: " + sid + ", auth_token: t, messaging_service_sid: MG1}",
			"doorstep.yaml:4:93: sms.twilio.messaging_service_sid: is not a messaging service's SID, which is MG and 32 digits or letters a-f: copy it from the service's page in Twilio's console"},
		{"a name with replies", "replies: poll, twilio: {account_sid: " + sid + ", auth_token: t, from: Doorstep}",
			`doorstep.yaml:4:108: sms.twilio.from: "Doorstep" is a name, which nobody can answer: write a number, or sms.replies: none`},
		{"too long a name", "twilio: {account_sid: " + sid + ", auth_token: t, from: Council Doorstep}",
			`doorstep.yaml:4:93: sms.twilio.from: "Council Doorstep" is neither a number nor a name that texts can come from: write a number like 07700 900101, or up to 11 letters, digits, spaces and + - _ & with at least one letter`},
		{"a server that others can listen to", "twilio: {account_sid: " + sid + ", auth_token: t, from: 01793 400000, base_url: http://proxy.council.example}",
			`doorstep.yaml:4:113: sms.twilio.base_url: "http://proxy.council.example" would send keys and messages where others can read them: use https`},
		{"a token that is none", "twilio: {account_sid: " + sid + ", auth_token: 'hunter2!', from: 01793 400000}",
			"doorstep.yaml:4:78: sms.twilio.auth_token: is not a token of Twilio's, which is letters and digits only: copy it from the first page of Twilio's console"},
		{"a number kept for drama", "twilio: {account_sid: " + sid + ", auth_token: t, from: 07700 900000}",
			"doorstep.yaml:4:93: sms.twilio.from: is a number kept free for drama (07700 900000 to 900999), which nobody has: write your own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := faultsOf(t, sending+"sms: {via: twilio, "+tt.sms+"}", nil)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestSendersOfTexts(t *testing.T) {
	for _, tt := range []struct {
		text, from string
		isName, ok bool
	}{
		{"07700 900101", "+447700900101", false, true},
		{"+44 (0)7700 900101", "+447700900101", false, true},
		{"01793 400000", "+441793400000", false, true}, // Twilio's own numbers are of every kind
		{"+1 500 555 0006", "+15005550006", false, true},
		{"60777", "60777", false, true},
		{" Doorstep ", "Doorstep", true, true},
		{"Doors & Co", "Doors & Co", true, true},
		{"A2345678901", "A2345678901", true, true},
		{"A23456789012", "", true, false},
		{"Dørstep", "", true, false},
		{"123", "", false, false},
		{"07700 900101 ext 5", "", true, false},
	} {
		from, isName, ok := sender(tt.text)
		if !ok {
			from = ""
		}
		if from != tt.from || isName != tt.isName || ok != tt.ok {
			t.Errorf("%q is %q, a name %t, right %t; want %q, %t, %t", tt.text, from, isName, ok, tt.from, tt.isName, tt.ok)
		}
	}
}

// TestServersOnThisMachineAreForTryingOut: forms and samples are only warned of.
func TestServersOnThisMachineAreForTryingOut(t *testing.T) {
	c := mustLoad(t, "duty_address: {mobile: 07700 900000}\nsms: {via: twilio, twilio: {account_sid: AC1, auth_token: t, from: 07700 900001, base_url: 'http://localhost:1'}}\n"+
		"email: {via: notify, notify: {api_key: "+notifyAPI+", template_id: "+serviceID+", base_url: 'http://127.0.0.1:2'}}", nil)
	for _, key := range []string{"duty_address.mobile", "duty_address.email", "sms.twilio.account_sid", "sms.twilio.from", "public_url", "organisation.name"} {
		if !strings.Contains(c.Warnings().Error(), " "+key+": ") {
			t.Errorf("no warning of %s in\n%v", key, c.Warnings())
		}
	}
	if len(c.Warnings()) != 6 || c.SMS.Twilio.From != "+447700900001" {
		t.Errorf("%d warnings, texts from %s; want 6, +447700900001:\n%v", len(c.Warnings()), c.SMS.Twilio.From, c.Warnings())
	}
}

func TestSampleNumbersAreNotSentTo(t *testing.T) {
	got := faultsOf(t, "organisation: {name: Council}\npublic_url: https://doorstep.council.example.gov.uk\nduty_address: {email: '', mobile: 07700 900999}\noperations: {mobile: '+447700900000'}\nteams: {East: {duty_mobile: 07700 900001}, West: {duty_mobile: 07911 123456}}\n"+
		"sms: {via: notify, notify: {api_key: "+notifyAPI+", template_id: "+serviceID+"}}", nil)
	const drama = "is a number kept free for drama (07700 900000 to 900999), which nobody has: write your own"
	want := "doorstep.yaml:3:27: duty_address.mobile: " + drama + "\ndoorstep.yaml:4:14: operations.mobile: " + drama + "\ndoorstep.yaml:5:16: teams.East.duty_mobile: " + drama
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Nothing is said while texts only go into the outbox.
	if c := mustLoad(t, "duty_address: {mobile: 07700 900999}", nil); len(c.Warnings()) > 0 {
		t.Errorf("warnings %v, want none", c.Warnings())
	}
}

func TestNotifyKeys(t *testing.T) {
	got := faultsOf(t, sending+"email: {via: notify, notify: {api_key: hunter2-"+serviceID+", template_id: hunter2, callback_token: hunter2}}\n"+
		"sms: {via: notify, notify: {api_key: "+notifyAPI+", template_id: "+serviceID+"}}\n"+
		"letters: {via: notify, notify: {api_key: '${LETTERS}'}}\nprint_layout: dl\n", environment{"LETTERS": "hunter2"})
	want := "doorstep.yaml:4:31: email.notify.api_key: is not a key of GOV.UK Notify: copy the whole of it, which is its name and two ids, joined by hyphens\n" +
		"doorstep.yaml:4:86: email.notify.template_id: is not a template's id: copy the whole of it from the template's page at GOV.UK Notify\n" +
		"doorstep.yaml:4:108: email.notify.callback_token: is shorter than GOV.UK Notify takes: make it 10 characters or more\n" +
		"doorstep.yaml:6:33: letters.notify.api_key: is not a key of GOV.UK Notify: copy the whole of it, which is its name and two ids, joined by hyphens\n" +
		`doorstep.yaml:7:1: print_layout: "dl" is not what GOV.UK Notify prints: write notify, or letters.via: print`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := faultsOf(t, "letters: {notify: {api_key: '${NONE}'}}\nsms: {notify: {callback_token: '${NONE}'}}", nil); got != "" {
		t.Errorf("a secret that nothing uses is missed: %s", got)
	}
}

func TestLimits(t *testing.T) {
	const notify = "notify: {api_key: " + notifyAPI + ", template_id: " + serviceID + "}"
	for _, tt := range []struct {
		name, text         string
		perSecond, perDay  int
		perMinute, warning int
	}{
		{"none by themselves", "", 0, 10, 0, 0},
		{"chosen", "sms: {per_second: 500, per_person_day: 0}\nemail: {per_minute: 600}", 500, 0, 600, 0},
		{"of GOV.UK Notify", "sms: {via: notify, " + notify + "}\nemail: {via: notify, " + notify + "}", 50, 10, 3000, 0},
		{"lower", "sms: {via: notify, per_second: 5, " + notify + "}\nemail: {via: notify, per_minute: 30, " + notify + "}", 5, 10, 30, 0},
		{"higher", "sms: {via: notify, per_second: 51, " + notify + "}\nemail: {via: notify, per_minute: 0, " + notify + "}", 51, 10, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustLoad(t, sending+tt.text, nil)
			got := fmt.Sprint(c.SMS.PerSecond, c.SMS.PerPersonDay, c.Email.PerMinute, len(c.Warnings()))
			if want := fmt.Sprint(tt.perSecond, tt.perDay, tt.perMinute, tt.warning); got != want {
				t.Errorf("texts a second, routine texts a day, emails a minute, warnings: %s, want %s (%v)", got, want, c.Warnings())
			}
		})
	}
	got := faultsOf(t, "sms: {per_second: -1, per_person_day: few}\nemail: {per_minute: 100001}\nacknowledgement_lasts: 1m\n", nil)
	want := `doorstep.yaml:1:7: sms.per_second: "-1" is out of range: write a number from 0 to 10000` + "\n" +
		`doorstep.yaml:1:23: sms.per_person_day: "few" is not a whole number` + "\n" +
		`doorstep.yaml:2:9: email.per_minute: "100001" is out of range: write a number from 0 to 100000` + "\n" +
		`doorstep.yaml:3:1: acknowledgement_lasts: "1m": an acknowledgement lasts from 5m to 72h`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCallbackNeedsAnAddressThatCanBeCalled: where the provider cannot call,
// Doorstep asks, and says so.
func TestCallbackNeedsAnAddressThatCanBeCalled(t *testing.T) {
	twilio := "via: twilio, twilio: {account_sid: " + sid + ", auth_token: t, from: 01793 400000%s}"
	notify := "via: notify, notify: {api_key: " + notifyAPI + ", template_id: " + serviceID + "%s}"
	const local = ", base_url: 'http://127.0.0.1:1'"
	for _, tt := range []struct{ name, url, sms, want, warning string }{
		{"Twilio", "https://doorstep.council.gov.uk", fmt.Sprintf(twilio, ""), Callback, ""},
		{"not https", "http://doorstep.council.gov.uk", fmt.Sprintf(twilio, ""), Poll, "the provider cannot call back: write a public_url"},
		{"the sample", "https://doorstep.example", fmt.Sprintf(twilio, ""), Poll, "the provider cannot call back"},
		{"this machine", "https://localhost:8080", fmt.Sprintf(twilio, ""), Poll, "the provider cannot call back"},
		{"a provider on this machine", "http://127.0.0.1:8080", fmt.Sprintf(twilio, local), Callback, ""},
		{"GOV.UK Notify", "https://doorstep.council.gov.uk", fmt.Sprintf(notify, ", callback_token: '${TOKEN}'"), Callback, ""},
		{"without a token", "https://doorstep.council.gov.uk", fmt.Sprintf(notify, ""), Poll, "GOV.UK Notify cannot call back without a token: set one there and here, in sms.notify.callback_token; until then Doorstep asks the provider instead"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustLoad(t, "organisation: {name: Council}\nduty_address: {email: ''}\npublic_url: "+tt.url+"\nsms: {receipts: callback, replies: callback, "+tt.sms+"}", environment{"TOKEN": "0123456789"})
			if c.SMS.Receipts != tt.want || c.SMS.Replies != tt.want {
				t.Errorf("receipts by %s, replies by %s; want both by %s", c.SMS.Receipts, c.SMS.Replies, tt.want)
			}
			if warnings := c.Warnings().Error(); strings.Count(warnings, tt.warning) != 2 && tt.warning != "" || tt.warning == "" && warnings != "" {
				t.Errorf("warnings\n%s\nwant twice %q", warnings, tt.warning)
			}
		})
	}
	if got, want := faultsOf(t, sending+"sms: {receipts: callback, "+fmt.Sprintf(notify, ", callback_token: '${NONE}'")+"}", nil),
		"doorstep.yaml:4:192: sms.notify.callback_token: the environment variable NONE is not set: set it, or write ${file:PATH} for a file that holds the value"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	c := mustLoad(t, "sms: {receipts: callback, replies: poll}\nemail: {receipts: callback}", nil)
	want := "doorstep.yaml:1:7: sms.receipts: callback changes nothing while messages go by file: nobody calls back\n" +
		"doorstep.yaml:1:27: sms.replies: changes nothing while sms.via is file: texts that are not sent are not answered\n" +
		"doorstep.yaml:2:9: email.receipts: callback changes nothing while messages go by file: nobody calls back"
	if got := c.Warnings().Error(); got != want || c.SMS.Replies != None || c.SMS.Receipts != Poll || c.Email.Receipts != Poll {
		t.Errorf("warnings\n%s\nwant\n%s\nand nothing called back: %s %s %s", got, want, c.SMS.Replies, c.SMS.Receipts, c.Email.Receipts)
	}
}

func TestOperationsAreTheDutyAddressUnlessNamed(t *testing.T) {
	for text, want := range map[string]string{
		"": "operations duty@example.org ",
		"operations: {email: it@council.example}":                                                            "operations it@council.example ",
		"operations: {mobile: 07700 900000}\nduty_address: {email: d@council.example, mobile: 07700 900001}": "operations  +447700900000",
		"duty_address: {email: '', mobile: 07700 900001}":                                                    "operations  +447700900001",
	} {
		p := mustLoad(t, text, nil).Operations()
		if got := p.ID + " " + p.Email + " " + p.Mobile; got != want {
			t.Errorf("%s: operations is %s, want %s", text, got, want)
		}
	}
	if p := mustLoad(t, "duty_address: {email: ''}\nteams: {East: {duty_email: east@council.example}}", nil).Operations(); p != nil {
		t.Errorf("operations is %v, want nobody", p)
	}
	got := faultsOf(t, "operations: {email: nobody, mobile: 01793 496000}", nil)
	want := `doorstep.yaml:1:14: operations.email: "nobody" is not an email address: write it like duty@council.example` + "\n" +
		"doorstep.yaml:1:29: operations.mobile: this number is no mobile and cannot get texts: write a mobile number like 07700 900101, or with its country like +44 7700 900101"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNumbersThatCannotGetTextsAreFoundAmongPeople(t *testing.T) {
	now := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	people := []pathway.Person{
		{ID: "W1", Email: "w1@example.org", Mobile: "+441793496000"},
		{ID: "W2", Email: "w2@example.org", Mobile: "+447700900000"},
		{ID: "W3", Email: "w3@example.org", Mobile: "+44999"},
		{ID: "W4", Email: "w4@example.org", Mobile: "+447911123456"},
		{ID: "W5", Email: "w5@example.org", Mobile: "+441793496000", ActiveUntil: now},
	}
	const write = ": write a mobile number like 07700 900101, or with its country like +44 7700 900101"
	landline, invalid := "W1's mobile: this number is no mobile and cannot get texts"+write, "W3's mobile: this is not a telephone number that exists"+write
	drama := "W2's mobile is a number kept free for drama (07700 900000 to 900999), which nobody has: correct it"
	twilio := "sms: {via: twilio, twilio: {account_sid: " + sid + ", auth_token: t, from: 01793 400000%s}}"
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"into the outbox": {"", []string{landline, invalid}},
		"to telephones":   {fmt.Sprintf(twilio, ""), []string{landline, drama, invalid}},
		"trying it out":   {fmt.Sprintf(twilio, ", base_url: 'http://localhost:1'"), []string{landline, invalid}},
	} {
		r := mustLoad(t, tt.text, nil).CheckReach(people, nil, now)
		if got, want := strings.Join(r.Warnings, "\n"), strings.Join(tt.want, "\n"); got != want || len(r.Faults) > 0 {
			t.Errorf("%s: warnings\n%s\nwant\n%s", name, got, want)
		}
	}
}
