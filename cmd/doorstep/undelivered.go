package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// callSheetDays is how far back the call sheet looks, as the digest does.
const callSheetDays = 14

func undeliveredCommand(o *options) *cobra.Command {
	var format, useAgain string
	c := &cobra.Command{
		Use:   "undelivered",
		Short: "The call sheet: what could not be delivered, and whom to phone",
		Long: `Lists the messages of the last 14 days that could not be delivered and whose
duties are still open: first those that nobody has had, with whom to phone. Then
the addresses that are not used any more. An address is used again once the people
list has another one, or by --use-again where it was right after all.`,
		Example: "  doorstep undelivered\n  doorstep undelivered --use-again W1",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if format != formatText && format != formatCSV {
				return badInput{fmt.Errorf("--format: %q is not known: use text or csv", format)}
			}
			return o.withStore(c.Context(), mustBeCurrent, func(s *setup, db *store.Store) error {
				if useAgain != "" {
					return useAddressesAgain(c.Context(), db, useAgain, c.OutOrStdout())
				}
				sheet, err := s.callSheet(c.Context(), db, now())
				if err != nil {
					return err
				}
				if format == formatCSV {
					return sheet.writeCSV(c.OutOrStdout())
				}
				return sheet.writeText(c.OutOrStdout())
			})
		},
	}
	c.Flags().StringVar(&format, "format", formatText, "text or csv")
	c.Flags().StringVar(&useAgain, "use-again", "", "use the addresses of this person again, by id")
	return c
}

const formatCSV = "csv"

// callSheet is what could not be delivered, and whom to phone.
type callSheet struct {
	at    time.Time
	zone  *time.Location
	lines []callLine
	off   []store.DisabledAddress
}

// callLine is one message that did not arrive, about one case or none.
type callLine struct {
	store.Undelivered
	title  string
	asWell []store.Substitute // who was told the same anyway, and has had it
	phone  []string           // whom, in order
}

// heard reports whether the message has gone to somebody by another way.
func (l *callLine) heard() bool {
	return len(l.asWell) > 0 || slices.ContainsFunc(l.Instead, func(s store.Substitute) bool { return has(s.State) })
}

// has reports whether somebody has had a message, as far as is known.
func has(s store.MessageState) bool { return s == store.MessageSent || s == store.MessageDelivered }

func (s *setup) callSheet(ctx context.Context, db *store.Store, at time.Time) (*callSheet, error) {
	rules, err := s.rules(ctx, db)
	if err != nil {
		return nil, err
	}
	undelivered, err := db.Undelivered(ctx, at.AddDate(0, 0, -callSheetDays))
	if err != nil {
		return nil, err
	}
	people, err := db.People(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[string]*pathway.Person{}
	for i := range people {
		byID[people[i].ID] = &people[i]
	}
	sheet := &callSheet{at: at, zone: s.calendar.Location()}
	if sheet.off, err = db.DisabledAddresses(ctx); err != nil {
		return nil, err
	}
	told := map[string][]store.CaseReminder{} // by case
	for _, u := range undelivered {
		if _, read := told[u.Case]; !read && u.Case != "" {
			if told[u.Case], err = db.CaseReminders(ctx, u.Case); err != nil {
				return nil, err
			}
		}
		line := callLine{Undelivered: u, asWell: toldAsWell(&u, told[u.Case]), title: rules.Title(&pathway.Duty{ID: u.Duty, Pathway: u.Pathway, Version: u.Version})}
		line.phone = s.whomToPhone(&u, byID, sheet.off, at)
		sheet.lines = append(sheet.lines, line)
	}
	slices.SortStableFunc(sheet.lines, func(a, b callLine) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), a.Due.Compare(b.Due))
	})
	return sheet, nil
}

// toldAsWell returns who has had what a message was to tell by a message of their
// own, as with a ladder that tells everybody by every channel. Where several to the
// same person failed, all of that must have been told to somebody: to phone once too
// often is better than not to.
func toldAsWell(u *store.Undelivered, told []store.CaseReminder) []store.Substitute {
	var out []store.Substitute
	for i := range told {
		f := &told[i]
		if f.Person != u.Person || f.Channel != u.Channel || f.State != store.MessageFailed {
			continue
		}
		known := false
		for j := range told {
			r := &told[j]
			if r.Duty != f.Duty || r.Due != f.Due || r.Rung != f.Rung || !has(r.State) {
				continue
			}
			known = true
			one := store.Substitute{Person: r.Person, Channel: r.Channel, State: r.State}
			if !slices.Contains(out, one) && !slices.Contains(u.Instead, one) {
				out = append(out, one)
			}
		}
		if !known {
			return nil
		}
	}
	return out
}

// rank puts first what nobody has had, and last what is about no case.
func rank(l *callLine) int {
	switch {
	case l.Case == "":
		return 2
	case l.heard():
		return 1
	}
	return 0
}

// whomToPhone lists who could be told by phone: the person, whoever covers, the
// case's manager, the manager above, the duty address; each with a number that is
// not known to be dead.
func (s *setup) whomToPhone(u *store.Undelivered, people map[string]*pathway.Person, off []store.DisabledAddress, at time.Time) []string {
	var out []string
	add := func(p *pathway.Person) {
		if p == nil || p.Left(at) || p.Away(at) || p.Mobile == "" {
			return
		}
		dead := slices.ContainsFunc(off, func(a store.DisabledAddress) bool {
			return a.Channel == pathway.ChannelSMS && a.Address == p.Mobile && a.Fault != "opted-out"
		})
		line := fmt.Sprintf("%s on %s", p.ID, p.Mobile)
		if !dead && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	if p := people[u.Person]; p != nil {
		add(p)
		add(people[p.Cover])
	}
	add(people[u.Practitioner])
	if m := people[u.Manager]; m != nil {
		add(m)
		add(people[m.Cover])
		add(people[m.ReportsTo])
	}
	add(s.dutyDesk(""))
	return out
}

func (c *callSheet) clock(t time.Time) string { return t.In(c.zone).Format("Mon 2 Jan 15:04") }

func (c *callSheet) writeText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Call sheet, %s\n", c.clock(c.at))
	if len(c.lines) == 0 {
		b.WriteString("\nEverything about open duties has been delivered.\n")
	}
	for i := range c.lines {
		c.writeLine(&b, &c.lines[i])
	}
	if len(c.off) > 0 {
		b.WriteString("\nNot used any more, until the people list has another address (or --use-again):\n")
		for _, a := range c.off {
			fmt.Fprintf(&b, "  %s, %s since %s: %s\n", a.Person, channelWord(a.Channel), c.clock(a.At), a.Reason)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (c *callSheet) writeLine(b *strings.Builder, l *callLine) {
	if l.Case != "" {
		fmt.Fprintf(b, "\n%s  %s, due %s\n", l.Case, l.title, c.clock(l.Due))
	} else {
		article := "a"
		if strings.HasPrefix(l.Kind, "a") {
			article = "an"
		}
		fmt.Fprintf(b, "\n(no case)  %s %s\n", article, l.Kind)
	}
	fmt.Fprintf(b, "  %s to %s failed %s: %s\n", channelWord(l.Channel), l.Person, c.clock(l.At), l.Reason)
	for _, s := range l.Instead {
		fmt.Fprintf(b, "  instead: %s to %s, %s\n", channelWord(s.Channel), s.Person, s.State)
	}
	for _, s := range l.asWell {
		fmt.Fprintf(b, "  told as well: %s to %s, %s\n", channelWord(s.Channel), s.Person, s.State)
	}
	switch {
	case l.Case == "" || l.heard():
	case len(l.phone) == 0:
		b.WriteString("  NOBODY HAS HAD IT, and nobody has a number to phone: tell them in person\n")
	default:
		fmt.Fprintf(b, "  NOBODY HAS HAD IT. Phone %s\n", strings.Join(l.phone, "; else "))
	}
}

func channelWord(channel string) string {
	if channel == pathway.ChannelSMS {
		return "text"
	}
	return "email"
}

func (c *callSheet) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	w.Write([]string{"case", "duty", "due_at", "person", "channel", "failed_at", "reason", "heard", "phone"})
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(c.zone).Format(time.RFC3339)
	}
	for i := range c.lines {
		l := &c.lines[i]
		heard := "no"
		if l.heard() {
			heard = "yes"
		}
		w.Write([]string{l.Case, l.Duty, stamp(l.Due), l.Person, l.Channel, stamp(l.At), l.Reason, heard, strings.Join(l.phone, "; ")})
	}
	w.Flush()
	return w.Error()
}

// useAddressesAgain takes a person's addresses into use again.
func useAddressesAgain(ctx context.Context, db *store.Store, person string, out io.Writer) error {
	off, err := db.DisabledAddresses(ctx)
	if err != nil {
		return err
	}
	again := 0
	for _, a := range off {
		if a.Person != person {
			continue
		}
		if _, err := db.EnableAddress(ctx, a.Channel, a.Address); err != nil {
			return err
		}
		again++
		fmt.Fprintf(out, "%s: %s is used again\n", person, channelWord(a.Channel))
	}
	if again == 0 {
		return badInput{errors.New("every address of " + person + " is in use: doorstep undelivered lists those that are not")}
	}
	return nil
}
