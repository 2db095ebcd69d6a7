package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/pathway"
)

// outage is something that is wrong with a channel for a while, as a line of the
// file of --faults has it.
type outage struct {
	from, until time.Time
	channel     string // empty: every one
	person      string // empty: everybody
	fault       string // down, busy, lost-answer, or a provider's code such as 21211 or 30003
}

// faultColumns are the columns of the file of --faults.
var faultColumns = []string{"from", "until", "channel", "person", "fault"}

// readFaults reads the file of --faults. Every bad row is reported.
func (s *simulation) readFaults(path string) ([]outage, error) {
	in, err := readable(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	name := filepath.Base(path)
	r := csv.NewReader(in)
	r.FieldsPerRecord = len(faultColumns)
	header, err := r.Read()
	if err != nil || !slices.Equal(header, faultColumns) {
		return nil, badInput{fmt.Errorf("%s:1: the first line must be %s", name, strings.Join(faultColumns, ","))}
	}
	var all []outage
	var faults []error
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badInput{fmt.Errorf("%s: %w", name, err)}
		}
		line, _ := r.FieldPos(0)
		o, err := s.outage(row)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		}
		all = append(all, o)
	}
	if len(faults) > 0 {
		return nil, badInput{errors.Join(faults...)}
	}
	return all, nil
}

func (s *simulation) outage(fields []string) (o outage, err error) {
	o = outage{channel: fields[2], person: fields[3], fault: fields[4]}
	if o.from, err = parseTime(fields[0], s.calendar); err != nil {
		return o, fmt.Errorf("column from: %w", err)
	}
	if o.until, err = parseTime(fields[1], s.calendar); err != nil {
		return o, fmt.Errorf("column until: %w", err)
	}
	if !slices.Contains([]string{"", pathway.ChannelEmail, pathway.ChannelSMS}, o.channel) {
		return o, fmt.Errorf("column channel: %q is not one: use email or sms, or leave it empty for both", o.channel)
	}
	if known := func(p row[pathway.Person]) bool { return p.value.ID == o.person }; o.person != "" && !slices.ContainsFunc(s.people, known) {
		return o, fmt.Errorf("column person: nobody is known as %q: use an id of the people file", o.person)
	}
	if _, err := strconv.Atoi(o.fault); err != nil && !slices.Contains([]string{faultDown, faultBusy, faultLostAnswer}, o.fault) {
		return o, fmt.Errorf("column fault: %q is not one: use down, busy, lost-answer, or a code of the provider such as 21211 or 30003", o.fault)
	}
	return o, nil
}

// The faults that are no provider's codes.
const (
	faultDown       = "down"        // nobody answers
	faultBusy       = "busy"        // too many messages
	faultLostAnswer = "lost-answer" // taken, but the answer is lost
)

// receiptCodes begin at 30000: Twilio takes the text and says later that it did
// not arrive. Smaller codes come at once.
const receiptCodes = 30000

// faultyChannel is a provider on the simulation's clock that fails as the outages
// say, and gives receipts as Twilio does.
type faultyChannel struct {
	name    string
	outages []outage
	people  map[string]string // whose an address is

	mu   sync.Mutex
	sent map[string]notify.Receipt
}

func (s *simulation) faultyChannels(outages []outage) map[string]notify.Channel {
	channels := map[string]notify.Channel{}
	for _, name := range []string{pathway.ChannelEmail, pathway.ChannelSMS} {
		c := &faultyChannel{name: name, outages: outages, people: map[string]string{}, sent: map[string]notify.Receipt{}}
		for _, p := range s.people {
			c.people[p.value.Email], c.people[p.value.Mobile] = p.value.ID, p.value.ID
		}
		channels[name] = c
	}
	return channels
}

// Send answers as the outages say.
func (c *faultyChannel) Send(_ context.Context, now time.Time, m notify.Message) notify.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	person := c.people[m.To.Email+m.To.Mobile]
	fault := ""
	for _, o := range c.outages {
		if !now.Before(o.from) && now.Before(o.until) && (o.channel == "" || o.channel == c.name) && (o.person == "" || o.person == person) {
			fault = o.fault
			break
		}
	}
	code, _ := strconv.Atoi(fault)
	id := fmt.Sprintf("%s-%d", c.name, len(c.sent)+1)
	switch {
	case fault == faultDown:
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Reason: "the provider does not answer"}
	case fault == faultBusy:
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultBusy, Reason: "the provider asks for fewer messages", RetryAfter: 10 * time.Second}
	case fault == faultLostAnswer && m.MaybeSent.IsZero():
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressDelivered, At: now}
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Ambiguous: true, Reason: "the provider did not say whether it took the message"}
	case code >= receiptCodes:
		_, kind, reason := twilio.Classify(0, code)
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressUndelivered, Fault: kind, Code: fault, Reason: reason, At: now}
	case code > 0:
		state, kind, reason := twilio.Classify(400, code)
		return notify.Outcome{State: state, Fault: kind, Code: fault, Reason: reason}
	default:
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressDelivered, At: now}
	}
	return notify.Outcome{State: notify.Sent, ProviderID: id, Tracked: c.name == pathway.ChannelSMS}
}

// Receipts tells what became of texts.
func (c *faultyChannel) Receipts(_ context.Context, ids []string) ([]notify.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []notify.Receipt
	for _, id := range ids {
		if r, known := c.sent[id]; known {
			out = append(out, r)
		}
	}
	return out, nil
}

// Close does nothing.
func (c *faultyChannel) Close(context.Context) error { return nil }
