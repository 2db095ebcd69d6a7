package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

func undeliveredCommand(o *options) *cobra.Command {
	var format, useAgain string
	c := &cobra.Command{
		Use:   "undelivered",
		Short: "The call sheet: what could not be delivered or waits, and whom to phone",
		Long: `Lists the messages of the last 14 days that could not be delivered and whose
duties are still open, and those that wait although they should have gone five
minutes ago: first what nobody has had, with whom to phone. Then
the addresses that are not used any more. An address is used again once the people
list has another one, or by --use-again where it was right after all.`,
		Example: "  doorstep undelivered\n  doorstep undelivered --use-again W1",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if format != formatText && format != formatCSV {
				return badInput{fmt.Errorf("--format: %q is not known: use text or csv", format)}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				if useAgain != "" {
					o.tellConfig(c.ErrOrStderr())
					return useAddressesAgain(c.Context(), db, useAgain, c.OutOrStdout())
				}
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				sheet, err := casefile.CallSheet(c.Context(), db, rules, s.dutyDesk(""), s.ways(), casefile.Concerning{}, now())
				if err != nil {
					return err
				}
				view := callSheetView{sheet, s.calendar.Location()}
				if format == formatCSV {
					return view.writeCSV(c.OutOrStdout())
				}
				return view.writeText(c.OutOrStdout())
			})
		},
	}
	c.Flags().StringVar(&format, "format", formatText, "text or csv")
	c.Flags().StringVar(&useAgain, "use-again", "", "use the addresses of this person again, by id")
	return c
}

const formatCSV = "csv"

// callSheetView writes the call sheet for people to read, or as rows.
type callSheetView struct {
	*casefile.Sheet
	zone *time.Location
}

func (c *callSheetView) clock(t time.Time) string { return t.In(c.zone).Format("Mon 2 Jan 15:04") }

func (c *callSheetView) writeText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Call sheet, %s\n", c.clock(c.At))
	switch {
	case c.AllDelivered():
		fmt.Fprintf(&b, "\nEverything of the last %d days about open duties has been delivered.\n", c.Days())
	case len(c.Lines) == 0 && c.OnTheWay > 0:
		fmt.Fprintf(&b, "\nNothing has failed. On the way, and not known yet to have arrived: %s.\n", pathway.Counted(c.OnTheWay, "message"))
	case len(c.Lines) == 0 && len(c.Nowhere) > 0:
		b.WriteString("\nNothing has failed.\n")
	}
	for _, n := range c.Nowhere {
		fmt.Fprintf(&b, "\nEvery %s is %s.\n", pathway.ChannelInWords(n.Channel), n.Why)
	}
	if c.Unsaid {
		b.WriteString("\nReminders have come due that nobody has been told of yet: see that doorstep serve runs.\n")
	}
	for i := range c.Lines {
		c.writeLine(&b, &c.Lines[i])
	}
	if len(c.Disabled) > 0 {
		b.WriteString("\nNot used any more, until the people list has another address (or --use-again):\n")
		for _, a := range c.Disabled {
			fmt.Fprintf(&b, "  %s, %s since %s: %s\n", c.Names.Of(a.Person), pathway.ChannelInWords(a.Channel), c.clock(a.At), a.Reason)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (c *callSheetView) writeLine(b *strings.Builder, l *casefile.CallLine) {
	if l.Case != "" {
		fmt.Fprintf(b, "\n%s  %s, due %s\n", l.Case, l.Title, c.clock(l.Due))
	} else {
		article := "a"
		if strings.HasPrefix(l.Kind, "a") {
			article = "an"
		}
		fmt.Fprintf(b, "\n(no case)  %s %s\n", article, l.Kind)
	}
	switch channel, at := pathway.ChannelInWords(l.Channel), c.clock(l.At); {
	case !l.Waits:
		fmt.Fprintf(b, "  %s to %s failed %s: %s\n", channel, c.Names.Of(l.Person), at, l.Reason)
	case l.Reason == "":
		fmt.Fprintf(b, "  %s to %s waits since %s and has not been tried: doorstep check --online\n", channel, c.Names.Of(l.Person), at)
	default:
		fmt.Fprintf(b, "  %s to %s waits since %s: %s\n", channel, c.Names.Of(l.Person), at, l.Reason)
	}
	for _, s := range l.Instead {
		fmt.Fprintf(b, "  instead: %s to %s, %s\n", pathway.ChannelInWords(s.Channel), c.Names.Of(s.Person), s.State)
	}
	for _, s := range l.AsWell {
		fmt.Fprintf(b, "  told as well: %s to %s, %s\n", pathway.ChannelInWords(s.Channel), c.Names.Of(s.Person), s.State)
	}
	if l.Known != nil {
		fmt.Fprintf(b, "  known since %s: %s says so%s\n", c.clock(l.Known.At), c.Names.Of(l.Known.By), reasonBehind(l.Known.Reason))
	}
	switch {
	case l.Case == "" || l.Heard():
	case len(l.Phone) == 0:
		b.WriteString("  NOBODY HAS HAD IT, and nobody has a number to phone: tell them in person\n")
	default:
		fmt.Fprintf(b, "  NOBODY HAS HAD IT. Phone %s\n", strings.Join(callWords(l.Phone, c.Names), "; else "))
	}
}

// reasonBehind is a reason at the end of a sentence; empty for none.
func reasonBehind(reason string) string {
	if reason == "" {
		return ""
	}
	return ", " + reason
}

// callWords says whom to phone: "Worker One (W1) on +447700900101".
func callWords(calls []casefile.Call, names pathway.StaffNames) []string {
	words := make([]string, len(calls))
	for i, c := range calls {
		words[i] = names.Of(c.Person) + " on " + c.Number
	}
	return words
}

func (c *callSheetView) writeCSV(out io.Writer) error {
	sheet := intake.NewSheet(out, "case", "duty", "due_at", "person", "channel", "state", "since", "reason", "heard", "phone")
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(c.zone).Format(time.RFC3339)
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		state := "failed"
		if l.Waits {
			state = "waits"
		}
		heard := "no"
		if l.Heard() {
			heard = "yes"
		}
		sheet.Row(l.Case, l.Duty, stamp(l.Due), l.Person, l.Channel, state, stamp(l.At), l.Reason, heard, strings.Join(callWords(l.Phone, nil), "; "))
	}
	return sheet.End()
}

// useAddressesAgain takes a person's addresses into use again.
func useAddressesAgain(ctx context.Context, db *store.Store, person string, out io.Writer) error {
	again, err := casefile.UseAgain(ctx, db, person)
	for _, a := range again {
		fmt.Fprintf(out, "%s: %s is used again\n", person, pathway.ChannelInWords(a.Channel))
	}
	return err
}
