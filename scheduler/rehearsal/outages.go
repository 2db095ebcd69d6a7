package rehearsal

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// Outage is something that is wrong with a channel for a while.
type Outage struct {
	From, Until time.Time // Until is not in it
	Channel     string    // empty: every one
	Person      string    // empty: everybody
	// Fault is one of the faults below, Twilio's code for a text such as 21211 or 30003,
	// or a mail server's answer to an email such as "554 5.7.1 Relay access denied".
	Fault string
}

// The faults that are no provider's codes.
const (
	faultDown       = "down"        // nobody answers
	faultBusy       = "busy"        // too many messages
	faultLostAnswer = "lost-answer" // taken, but the answer is lost
)

// outageColumns are the columns of a file of outages.
var outageColumns = []string{"from", "until", "channel", "person", "fault"}

// ReadOutages reads a file of outages, called name, for a caseload whose people are
// read. Every bad row is reported.
func ReadOutages(in io.Reader, name string, c *Caseload, location *time.Location) ([]Outage, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = len(outageColumns)
	header, err := r.Read()
	if err != nil || !slices.Equal(header, outageColumns) {
		return nil, pathway.NewProblem(pathway.Refused, "%s:1: the first line must be %s", name, strings.Join(outageColumns, ","))
	}
	var outages []Outage
	var faults []error
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, pathway.NewProblem(pathway.Refused, "%s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		o, err := readOutage(fields, c, location)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		}
		outages = append(outages, o)
	}
	if len(faults) > 0 {
		return nil, pathway.AsProblem(pathway.Refused, errors.Join(faults...))
	}
	return outages, nil
}

func readOutage(fields []string, c *Caseload, location *time.Location) (o Outage, err error) {
	o = Outage{Channel: fields[2], Person: fields[3], Fault: fields[4]}
	if o.From, err = intake.ParseTime(fields[0], location); err != nil {
		return o, fmt.Errorf("column from: %w", err)
	}
	if o.Until, err = intake.ParseTime(fields[1], location); err != nil {
		return o, fmt.Errorf("column until: %w", err)
	}
	if !slices.Contains([]string{"", pathway.ChannelEmail, pathway.ChannelSMS}, o.Channel) {
		return o, fmt.Errorf("column channel: %q is not one: use email or sms, or leave it empty for both", o.Channel)
	}
	if known := func(p row[pathway.Person]) bool { return p.value.ID == o.Person }; o.Person != "" && !slices.ContainsFunc(c.people, known) {
		return o, fmt.Errorf("column person: nobody is known as %q: use an id of the people file", o.Person)
	}
	by := channelOf(o.Fault)
	switch {
	case by == "" && !slices.Contains([]string{faultDown, faultBusy, faultLostAnswer}, o.Fault):
		return o, fmt.Errorf("column fault: %q is not one: use down, busy, lost-answer, a code of Twilio's for texts such as 21211 or 30003, or a mail server's answer for emails such as 550 5.1.1", o.Fault)
	case by == pathway.ChannelSMS && o.Channel == pathway.ChannelEmail:
		return o, fmt.Errorf("column fault: %q is a code of Twilio's, and email goes by a mail server: use its answer, such as 550 5.1.1", o.Fault)
	case by == pathway.ChannelEmail && o.Channel == pathway.ChannelSMS:
		return o, fmt.Errorf("column fault: %q is a mail server's answer: use a code of Twilio's for texts, such as 21211 or 30003", o.Fault)
	case o.Channel == "":
		o.Channel = by
	}
	return o, nil
}

// channelOf is the channel that a fault can only be of; empty: any.
func channelOf(fault string) string {
	if _, refused := notify.Refused(fault); refused {
		return pathway.ChannelEmail
	}
	if _, err := strconv.Atoi(fault); err == nil {
		return pathway.ChannelSMS
	}
	return ""
}
