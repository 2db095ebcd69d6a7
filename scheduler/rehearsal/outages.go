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

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// Outage is something that is wrong with a channel for a while.
type Outage struct {
	From, Until time.Time // Until is not in it
	Channel     string    // empty: every one
	Person      string    // empty: everybody
	Fault       string    // one of the faults below, or a provider's code such as 21211 or 30003
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
	if _, err := strconv.Atoi(o.Fault); err != nil && !slices.Contains([]string{faultDown, faultBusy, faultLostAnswer}, o.Fault) {
		return o, fmt.Errorf("column fault: %q is not one: use down, busy, lost-answer, or a code of the provider such as 21211 or 30003", o.Fault)
	}
	return o, nil
}
