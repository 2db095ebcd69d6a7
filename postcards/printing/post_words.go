package printing

import (
	"strings"
	"time"

	"example.org/doorstep/store"
)

// PostingWords says how a letter stands: "validation failed: GOV.UK Notify refuses
// its layout: …".
func PostingWords(p *store.Posting, zone *time.Location) string {
	clock := func(t time.Time) string { return t.In(zone).Format("Mon 2 Jan 2006 15:04") }
	words, since := "", p.Queued
	switch p.State {
	case store.PostingQueued:
		words = "waits to be handed over"
		if p.Reason != "" {
			words += " (the last try: " + p.Reason + ")"
		}
		return words + ", since " + clock(since)
	case store.PostingSending:
		return "is being handed over, or was when its sender stopped"
	case store.PostingWithdrawn:
		return "not posted: " + p.Reason + ", " + clock(p.StatusAt)
	case store.PostingRefused:
		words = "NOT POSTED, "
	}
	if since = p.StatusAt; since.IsZero() {
		since = p.Accepted
	}
	switch status := strings.ReplaceAll(p.Status, "-", " "); {
	case status != "":
		words += status + ": " + p.Reason
	case p.Reason != "":
		words += p.Reason
	default:
		words += "handed over"
	}
	return words + ", " + clock(since)
}
