package govuk

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
)

// mostPages ends reading at 50,000 texts, should somebody have flooded the number.
const mostPages = 200

// Received returns the texts that came in since then, the oldest first. Notify
// keeps them for seven days. For emails there are none.
func (c *Channel) Received(ctx context.Context, since time.Time) ([]notify.Received, error) {
	if c.kind != notify.BySMS {
		return nil, nil
	}
	var texts []notify.Received
	query := url.Values{}
	for range mostPages {
		var page struct {
			Texts []struct {
				ID      string    `json:"id"`
				From    string    `json:"user_number"`
				Text    string    `json:"content"`
				Created timestamp `json:"created_at"`
			} `json:"received_text_messages"`
		}
		if fail := c.get(ctx, "/v2/received-text-messages", query, &page); fail != nil {
			return nil, fail
		}
		for _, text := range page.Texts { // the newest first
			if text.Created.Before(since) {
				slices.Reverse(texts)
				return texts, nil
			}
			texts = append(texts, notify.Received{ID: text.ID, From: international(text.From), Text: text.Text, At: text.Created.Time})
		}
		if len(page.Texts) == 0 {
			break
		}
		query.Set("older_than", page.Texts[len(page.Texts)-1].ID)
	}
	slices.Reverse(texts)
	return texts, nil
}

var digits = regexp.MustCompile(`^\+?[0-9]{7,15}$`)

// international puts a sender's number into E.164: Notify writes 447700900123, its
// networks sometimes 07700900123. What is no number, such as a sender's name, stays
// as it is.
func international(number string) string {
	number = strings.ReplaceAll(number, " ", "")
	switch {
	case !digits.MatchString(number), number[0] == '+':
		return number
	case strings.HasPrefix(number, "00"):
		return "+" + number[2:]
	case number[0] == '0':
		return "+44" + number[1:]
	}
	return "+" + number
}
