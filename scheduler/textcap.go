package scheduler

import (
	"example.org/doorstep/pathway"
)

// countTexts counts the routine texts of today of those who chose texts, where
// there is a limit to them.
func (b *batch) countTexts() error {
	if b.scan.textsADay == 0 {
		return nil
	}
	var chose []string
	for id, p := range b.scan.people.People {
		if p.Channel == pathway.ChannelSMS {
			chose = append(chose, id)
		}
	}
	if len(chose) == 0 {
		return nil
	}
	calendar := b.scan.rules.Calendar
	today := calendar.StartOf(calendar.DateOf(b.scan.now))
	var err error
	b.texts, err = b.data.TextsSince(chose, today, b.scan.rules.UrgentBelow())
	return err
}

// spareTexts makes an email of a routine text to somebody who has had as many
// texts today as anybody wants, unless it only joins one that is about to go.
func (b *batch) spareTexts(t *pathway.Telling) {
	if b.scan.textsADay == 0 || t.Channel != pathway.ChannelSMS || t.Reason != pathway.Sent || t.Person.Email == "" ||
		b.texts[t.Person.ID] < b.scan.textsADay {
		return
	}
	if _, begun := b.scan.groups[reader{t.Person.ID, t.Channel, false}]; !begun {
		t.Channel = pathway.ChannelEmail
	}
}
