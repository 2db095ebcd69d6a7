package notify

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const bouncedID = "0123456789abcdef0123456789abcdef@example.org"

func TestNoticesOfManyServersAreRead(t *testing.T) {
	for file, want := range map[string]Bounce{ // Reason: a part of it
		"postfix-unknown":         {Action: ActionFailed, Status: "5.1.1", Fault: FaultAddress, Reason: "correct the address in the people list (550 5.1.1)"},
		"postfix-no-domain":       {Action: ActionFailed, Status: "5.4.4", Fault: FaultAddress, Reason: "correct the address in the people list (5.4.4)"},
		"postfix-given-up":        {Action: ActionFailed, Status: "4.4.1", Fault: FaultExpired, Reason: "given up (4.4.1)"},
		"postfix-passed-on":       {Action: ActionFailed, Status: "5.1.1", Fault: FaultContent, Reason: "passed on to another address"},
		"postfix-delayed":         {Action: ActionDelayed, Status: "4.4.1"},
		"delivered":               {Action: ActionDelivered, Status: "2.0.0"},
		"exchange-online-unknown": {Action: ActionFailed, Status: "5.1.10", Fault: FaultAddress, Reason: "(550 5.1.10)"},
		"exchange-online-full":    {Action: ActionFailed, Status: "5.2.2", Fault: FaultUnreachable, Reason: "mailbox is full"},
		"exchange-online-expired": {Action: ActionFailed, Status: "4.4.7", Fault: FaultExpired, Reason: "(550 4.4.7)"},
		"exchange-online-saved":   {Action: ActionFailed, Status: "5.1.10", Fault: FaultAddress, Reason: "(550 5.1.10)"},
		"exim-unknown":            {Action: ActionFailed, Status: "5.0.0", Fault: FaultAddress, Reason: "(550 5.0.0)"},
		"exim-old":                {Action: ActionFailed, Status: "5.2.2", Fault: FaultUnreachable, Reason: "(552 5.2.2)"},
		"exim-unrouteable":        {Action: ActionFailed, Fault: FaultAddress, Reason: "people list"},
		"exim-delayed":            {Action: ActionDelayed},
		// Shapes that are seen in the wild.
		"another-language":            {Action: ActionFailed, Fault: FaultUnclear, Reason: "does not say why"},
		"dragonfly-no-host":           {Action: ActionFailed, Fault: FaultAddress, Reason: "people list"},
		"encoded-subject":             {Action: ActionFailed, Status: "5.1.1", Fault: FaultAddress, Reason: "(550 5.1.1)"},
		"exchange-old":                {Action: ActionFailed, Fault: FaultAddress, Reason: "people list"},
		"exchange-online-empty-field": {Action: ActionFailed, Status: "5.4.1", Fault: FaultAddress, Reason: "(550 5.4.1)"},
		"exim-malformed":              {Action: ActionFailed, Fault: FaultUnclear, Reason: "does not say why"},
		"google-not-found":            {Action: ActionFailed, Status: "5.0.0", Fault: FaultAddress, Reason: "people list"},
		"mail-system-says-nothing":    {Action: ActionFailed, Fault: FaultUnclear, Reason: "does not say why"},
		"messagelabs-rejected":        {Action: ActionFailed, Status: "5.0.0", Fault: FaultAddress, Reason: "(542 5.0.0)"},
		"null-mx":                     {Action: ActionFailed, Status: "5.1.10", Fault: FaultAddress, Reason: "(5.1.10)"},
		"opensmtpd-unknown":           {Action: ActionFailed, Status: "5.1.1", Fault: FaultAddress, Reason: "(550 5.1.1)"},
		"opensmtpd-warning":           {Action: ActionDelayed},

		// The address lives, whatever stands in the status.
		"google-too-fast":     {Action: ActionFailed, Status: "5.2.1", Fault: FaultUnreachable, Reason: "just now (550 5.2.1)"},
		"over-quota-inside":   {Action: ActionFailed, Status: "5.2.2", Fault: FaultUnreachable, Reason: "mailbox is full"},
		"qmail-name-refused":  {Action: ActionFailed, Status: "5.0.0", Fault: FaultContent, Reason: "(501 5.0.0)"},
		"sendmail-blocklist":  {Action: ActionFailed, Status: "5.7.1", Fault: FaultAccount, Reason: "has blocked this account or network"},
		"sendmail-over-quota": {Action: ActionFailed, Status: "5.1.1", Fault: FaultUnreachable, Reason: "mailbox is full"},
		"spamhaus":            {Action: ActionFailed, Status: "5.1.3", Fault: FaultAccount, Reason: "has blocked this account or network"},

		"out-of-office": {Action: ActionAnswered},
		"vacation":      {Action: ActionAnswered},
		"read":          {Action: ActionAnswered},
	} {
		if want.Action != ActionAnswered {
			want.MessageID = bouncedID
		}
		content, err := os.ReadFile(filepath.Join("testdata/bounces", file+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		for ending, content := range map[string][]byte{"LF": content, "CRLF": bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))} {
			got, err := ReadBounce(bytes.NewReader(content), "")
			if err != nil {
				t.Errorf("%s, %s: %v", file, ending, err)
				continue
			}
			if !strings.Contains(got.Reason, want.Reason) {
				t.Errorf("%s, %s: the reason is %q, want it to say %q", file, ending, got.Reason, want.Reason)
			}
			wholly := got
			got.Reason, got.named, got.others = want.Reason, "", ""
			if got != want {
				t.Errorf("%s, %s:\n%+v, want\n%+v", file, ending, wholly, want)
			}
		}
	}
}

func TestAnswersOfPeopleAreNoNotices(t *testing.T) {
	answer, err := os.ReadFile("testdata/bounces/answer.eml")
	if err != nil {
		t.Fatal(err)
	}
	forwarded, err := os.ReadFile("testdata/bounces/forwarded-by-a-person.eml")
	if err != nil {
		t.Fatal(err)
	}
	for story, email := range map[string]string{"an answer": string(answer), "a notice that a person passes on": string(forwarded), "nothing": "", "no email": "\x00\xff\nhello", "no header": "\n\nUser unknown 550 5.1.1"} {
		if b, err := ReadBounce(strings.NewReader(email), ""); err == nil {
			t.Errorf("%s is read as %+v, want an error", story, b)
		}
	}
}

// deliveryReport is a delivery report with these lines about the recipient, and then these
// parts.
func deliveryReport(recipient, parts string) string {
	return "From: MAILER-DAEMON@relay.example.org\nSubject: Undelivered Mail\nContent-Type: multipart/report; boundary=b\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example.org\n\n" + recipient + "\n" + parts
}

func TestBrokenReportsAreReadAsFarAsTheyGo(t *testing.T) {
	const failed = "Final-Recipient: rfc822; w1@example.org\nAction: failed\nStatus: 5.1.1\n"
	const headers = "\n--b\nContent-Type: text/rfc822-headers\n\nTo: w1@example.org\nMessage-ID: <" + bouncedID + ">\n"
	whole := Bounce{MessageID: bouncedID, Action: ActionFailed, Status: "5.1.1", Fault: FaultAddress}
	change := func(change func(*Bounce)) Bounce { b := whole; change(&b); return b }
	for story, test := range map[string]struct {
		email string
		want  Bounce
	}{
		"cut short":               {deliveryReport(failed, headers), whole},
		"no returned email":       {"In-Reply-To: <" + bouncedID + ">\n" + deliveryReport(failed, ""), whole},
		"no name for the email":   {deliveryReport(failed, ""), change(func(b *Bounce) { b.MessageID = "" })},
		"a hostile name":          {deliveryReport(failed, "\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <a b@x> <script>\n"), change(func(b *Bounce) { b.MessageID = "" })},
		"no action":               {deliveryReport("Status: 5.1.1\n", headers), whole},
		"an unknown action":       {deliveryReport("Action: exploded\nStatus: 4.0.0\n", headers), Bounce{MessageID: bouncedID, Action: ActionDelayed, Status: "4.0.0"}},
		"shouted, with a comment": {deliveryReport("FINAL-RECIPIENT: rfc822; W1@EXAMPLE.ORG\nACTION: FAILED (gone)\nSTATUS: 5.1.1 (unknown)\n", headers), whole},
		"no status but a reply":   {deliveryReport("Action: failed\nDiagnostic-Code: smtp; 550-5.1.1 no\n such user\n", headers), whole},
		"a hostile status":        {deliveryReport("Action: failed\nStatus: 5.1.1<script>\n", headers), whole},
		"no boundary":             {strings.Replace(deliveryReport(failed, headers), "; boundary=b", "", 1), whole},
		"a broken charset":        {strings.Replace(deliveryReport(failed, headers), "boundary=b", "charset=\"x-\xff\"; boundary=b", 1), whole},
		"a broken header line":    {"From MAILER-DAEMON Mon Sep 07 08:31:03 2026\n: nothing\nnothing\n" + deliveryReport(failed, headers), whole},
		"in base64": {strings.Replace(deliveryReport("", headers), "message/delivery-status\n\nReporting-MTA: dns; relay.example.org\n\n",
			"message/global-delivery-status\nContent-Transfer-Encoding: base64\n\nQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo=\n", 1), whole},
		"the day's limit": {deliveryReport("Action: failed\nStatus: 5.1.90\n", headers), change(func(b *Bounce) { b.Status, b.Fault = "5.1.90", FaultBusy })},
		"our account":     {deliveryReport("Action: failed\nStatus: 5.7.705\n", headers), change(func(b *Bounce) { b.Status, b.Fault = "5.7.705", FaultAccount })},
		"no reason":       {deliveryReport("Action: failed\n", headers), change(func(b *Bounce) { b.Status, b.Fault = "", FaultUnclear })},
		"one of two failed": {deliveryReport("Final-Recipient: rfc822; w1@example.org\nAction: delivered\nStatus: 2.0.0\n\n"+strings.Replace(failed, "w1@", "w9@", 1), headers),
			change(func(b *Bounce) { b.Fault = FaultContent })},
		"ours among those that failed": {deliveryReport(strings.Replace(failed, "w1@", "w9@", 1)+"\n"+failed, headers), whole},
		"an alias of ours":             {deliveryReport("Original-Recipient: rfc822;w1@example.org\n"+strings.Replace(failed, "w1@", "first.last@", 1), headers), whole},
	} {
		got, err := ReadBounce(strings.NewReader(test.email), "")
		if err != nil || (got.Reason == "") != (test.want.Action != ActionFailed) {
			t.Errorf("%s: %+v, error %v", story, got, err)
		}
		got.Reason, got.named, got.others = "", "", ""
		if got != test.want {
			t.Errorf("%s:\n%+v, want\n%+v", story, got, test.want)
		}
	}
}

// TestHostileEmailsAreReadWithinBounds: none of these may take long or much room.
func TestHostileEmailsAreReadWithinBounds(t *testing.T) {
	for story, email := range map[string]string{
		"nested for ever":     strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 20_000),
		"parts without end":   "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 150_000),
		"recipients":          deliveryReport(strings.Repeat("Action: failed\n\n", 100_000), ""),
		"a line without end":  "Subject: " + strings.Repeat("x", 3<<20),
		"words without end":   deliveryReport("Action: failed\nDiagnostic-Code: smtp; "+strings.Repeat("user domain address mail ", 40_000), ""),
		"a field without end": "X-Failed-Recipients: x\n" + strings.Repeat(" y\n", 400_000),
		"fields without end":  strings.Repeat("A: b\n", 300_000),
		"tags":                "X-Failed-Recipients: x\nContent-Type: text/html\n\n" + strings.Repeat("<a <b ", 200_000),
	} {
		b, _ := ReadBounce(strings.NewReader(email), "")
		checkBounce(t, story, b)
		n := readNotice([]byte(email))
		if n.parts > mostParts+deepestPart || len(n.recipients) > mostParts || len(n.text) > mostText+2*mostParts {
			t.Errorf("%s: %d parts, %d reports and %d bytes of text", story, n.parts, len(n.recipients), len(n.text))
		}
	}
}

var tellsNothing = regexp.MustCompile(`^[a-zA-Z ,.:()5-9'0-4]*$`)

// checkBounce checks what holds for any email.
func checkBounce(t *testing.T, story string, b Bounce) {
	t.Helper()
	if (b.Fault != "") != (b.Action == ActionFailed) || (b.Reason != "") != (b.Action == ActionFailed) {
		t.Errorf("%q: %+v, want fault and reason with a failure and only with one", story, b)
	}
	if b.Status != "" && status.FindString(b.Status) != b.Status {
		t.Errorf("%q: the status is %q", story, b.Status)
	}
	if strings.ContainsAny(b.MessageID, " <>\r\n\t") || b.MessageID != "" && !strings.Contains(b.MessageID, "@") || len(b.MessageID) > 460 {
		t.Errorf("%q: the Message-ID is %q", story, b.MessageID)
	}
	if !tellsNothing.MatchString(b.Reason) || len(b.Reason) > 300 {
		t.Errorf("%q: the reason is %q", story, b.Reason)
	}
}

func TestBounceIsFoundByItsMessagesKey(t *testing.T) {
	c := newComposer(t)
	m := reminderEmail("a key", seeAgain())
	email := string(renderEmail(t, "2026-09-07 08:30", m))
	b, err := ReadBounce(strings.NewReader(deliveryReport("Action: failed\nStatus: 5.1.1\n", "\n--b\nContent-Type: message/rfc822\n\n"+email+"\n--b--\n")), "")
	if err != nil || b.MessageID != c.MessageIDOf("a key") || b.MessageID == c.MessageIDOf("another") {
		t.Errorf("%+v (%v), want the Message-ID of the key, %s", b, err, c.MessageIDOf("a key"))
	}
}

// FuzzReadBounce: whatever somebody sends, reading it ends, and nothing of its
// words comes through.
func FuzzReadBounce(f *testing.F) {
	files, err := filepath.Glob("testdata/bounces/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, email []byte) {
		b, err := ReadBounce(bytes.NewReader(email), "")
		if err != nil && b != (Bounce{}) {
			t.Errorf("%v, and all the same %+v", err, b)
		}
		checkBounce(t, string(email), b)
	})
}
