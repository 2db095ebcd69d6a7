package notify

import (
	"strings"
	"testing"
)

// TestABounceNamesWhoItIsAbout, in whatever way its mail server says so.
func TestABounceNamesWhoItIsAbout(t *testing.T) {
	const head = "From: MAILER-DAEMON@relay.example.org\nSubject: Undelivered Mail\nContent-Type: multipart/report; boundary=b\n"
	report := func(field string) string {
		return head + "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example.org\n\n" + field + "\nAction: failed\n\n--b--\n"
	}
	for name, c := range map[string]struct {
		email string
		want  bool
	}{
		"final recipient":             {report("Final-Recipient: rfc822; w1@example.org"), true},
		"in capitals":                 {report("Final-Recipient: rfc822; <W1@Example.ORG>"), true},
		"original recipient":          {report("Original-Recipient: rfc822;w1@example.org\nFinal-Recipient: rfc822; other@example.org"), true},
		"in xtext":                    {report("Original-Recipient: rfc822;w+31@example.org"), true},
		"failed recipients":           {"From: MAILER-DAEMON@relay.example.org\nX-Failed-Recipients: w1@example.org\nSubject: Mail delivery failed\n\nunknown\n", true},
		"in the text":                 {"From: MAILER-DAEMON@relay.example.org\nSubject: failure notice\n\n<w1@example.org>:\nunknown user.\n", true},
		"the email that it returns":   {head + "\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n\n--b\nContent-Type: text/rfc822-headers\n\nTo: <w1@example.org>\nMessage-ID: <a@example.org>\n\n--b--\n", true},
		"another":                     {report("Final-Recipient: rfc822; w2@example.org"), false},
		"a longer name":               {report("Final-Recipient: rfc822; xw1@example.org"), false},
		"another, longer domain":      {report("Final-Recipient: rfc822; w1@example.org.attacker.example"), false},
		"nobody":                      {report("Status: 5.1.1"), false},
		"only whom the notice is for": {"To: w1@example.org\n" + report("Status: 5.1.1"), false},
	} {
		b, err := ReadBounce(strings.NewReader(c.email), "")
		if err != nil || b.Action != ActionFailed {
			t.Errorf("%s: %+v, %v; want a failure", name, b, err)
		} else if got := b.Names("w1@example.org"); got != c.want {
			t.Errorf("%s: names w1: %t, want %t", name, got, c.want)
		}
	}
}

// TestANoticeIsForgedByOurOwnServersWord: headers that came with it are the sender's.
func TestANoticeIsForgedByOurOwnServersWord(t *testing.T) {
	const ours = "mx.example.org"
	for name, c := range map[string]struct {
		headers, authServer string
		want                bool
	}{
		"none":                             {"", ours, false},
		"passes":                           {"Authentication-Results: mx.example.org; dmarc=pass header.from=a.example\n", ours, false},
		"fails":                            {"Authentication-Results: mx.example.org 1; spf=pass; dmarc=fail header.from=a.example\n", ours, true},
		"fails, folded and with comments":  {"Authentication-Results: MX.example.org (ours);\n spf=pass\n smtp.mailfrom=a.example;\n\tDMARC = fail (p=none; dis=none) header.from=a.example\n", ours, true},
		"the topmost of ours counts":       {"Authentication-Results: mx.example.org; dmarc=fail\nAuthentication-Results: mx.example.org; dmarc=pass\n", ours, true},
		"one that the sender put below it": {"Authentication-Results: mx.example.org; dmarc=pass\nAuthentication-Results: mx.example.org; dmarc=fail\n", ours, false},
		"somebody else's":                  {"Authentication-Results: mx.attacker.example; dmarc=fail\n", ours, false},
		"somebody else's above ours":       {"Authentication-Results: mx.other.example; dmarc=pass\nAuthentication-Results: mx.example.org; dmarc=fail\n", ours, true},
		"without a name of ours: any":      {"Authentication-Results: a.example; dmarc=pass\nAuthentication-Results: b.example; dmarc=fail\n", "", true},
		"Microsoft's, which bears no name": {"Authentication-Results: spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none; dmarc=fail action=none header.from=a.example;compauth=fail reason=001\n", "", true},
		"SPF alone fails":                  {"Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=dmarc=fail.example; dmarc=none\n", ours, false},
		"the word within a comment":        {"Authentication-Results: mx.example.org; spf=pass (; dmarc=fail)\n", ours, false},
	} {
		email := c.headers + "From: MAILER-DAEMON@relay.example.org\nSubject: failure notice\n\n<w1@example.org>: unknown user\n"
		if b, err := ReadBounce(strings.NewReader(email), c.authServer); err != nil || b.Forged != c.want {
			t.Errorf("%s: forged: %t (%v), want %t", name, b.Forged, err, c.want)
		}
	}
}
