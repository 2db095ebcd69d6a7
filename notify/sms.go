package notify

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// smsLength is how many characters of the GSM 7-bit alphabet one text holds
// (3GPP TS 23.038). A longer one is sent, and paid for, as several.
const smsLength = 160

// The GSM 7-bit default alphabet, and its extension, where a character takes two
// places.
const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// sms renders v as one text. When it would not fit, the link goes first, then
// the end of the title; the due time and the case reference always stay, even
// if that takes a second text.
func (c *Composer) sms(wording string, v *view) (string, error) {
	name := "sms-" + wording
	text, err := c.shortened(name, v)
	if err != nil || gsmLen(text) <= smsLength {
		return text, err
	}
	title := &v.Alert.Action
	if v.First != nil {
		title = &v.First.Action
		v.First.Link = ""
		text, err = c.shortened(name, v)
	}
	whole := *title
	for keep := utf8.RuneCountInString(whole); err == nil && gsmLen(text) > smsLength && keep > 0; keep-- {
		*title = cut(whole, keep)
		text, err = c.shortened(name, v)
	}
	return text, err
}

func (c *Composer) shortened(name string, v *view) (string, error) {
	text, err := c.words(name, v)
	return gsm(strings.Join(strings.Fields(text), " ")), err
}

// cut keeps the first n characters of s and shows that there were more.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n])) + "..."
}

// gsm replaces what the GSM alphabet does not have: one such character would
// more than halve the room of the whole text.
func gsm(s string) string {
	var b strings.Builder
	for _, r := range strings.NewReplacer("–", "-", "—", "-", "‘", "'", "’", "'", "“", `"`, "”", `"`, "…", "...", "\u00a0", " ").Replace(s) {
		if strings.ContainsRune(gsmBasic, r) || strings.ContainsRune(gsmExtended, r) {
			b.WriteRune(r)
			continue
		}
		base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r))) // ê is e with a mark
		if !strings.ContainsRune(gsmBasic, base) {
			base = '?'
		}
		b.WriteRune(base)
	}
	return b.String()
}

// gsmLen is the number of places that s, which gsm has been through, takes.
func gsmLen(s string) int {
	n := 0
	for _, r := range s {
		n++
		if strings.ContainsRune(gsmExtended, r) {
			n++
		}
	}
	return n
}
