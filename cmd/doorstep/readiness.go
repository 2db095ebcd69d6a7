package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

func readinessCommand(o *options) *cobra.Command {
	var format, person string
	c := &cobra.Command{
		Use:   "readiness",
		Short: "Say who would be reached now for an urgent duty, and what nobody would hear",
		Long: `Says for each team and each role in it who would be told now of an urgent duty: the
practitioners and managers of the open cases, those above them, and the duty
address; in whose place somebody else is told; by which channels; and when they were
last heard from: when a message last arrived, and when they last answered one.

It ends with what nobody would hear. It exits with 0 either way.

With --person it says that of one member of staff, and what changed of them since they
became known: when, by whom, and from which file.`,
		Example: "  doorstep readiness\n  doorstep readiness --person W1",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if formats := []string{formatText, formatJSONL}; !slices.Contains(formats, format) {
				return badInput{fmt.Errorf("--format: %q is not known%s: use %s", format, pathway.DidYouMean(format, formats), pathway.OneOf(formats))}
			}
			if person != "" && format == formatJSONL {
				return badInput{fmt.Errorf("--person is shown as text only: leave --format out")}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				ready, err := casefile.ReadReadiness(c.Context(), db, rules, s.dutyDesk, s.ways(), nil, now())
				if err != nil {
					return err
				}
				w := bufio.NewWriter(c.OutOrStdout())
				view := readinessView{ready, s.calendar.Location()}
				switch {
				case person != "":
					var staff *casefile.Staff
					if staff, err = casefile.ReadStaff(c.Context(), db, person); err == nil {
						view.writePerson(w, staff)
					}
				case format == formatJSONL:
					err = view.writeJSON(w)
				default:
					err = view.writeText(w)
				}
				return cmp.Or(err, w.Flush())
			})
		},
	}
	c.Flags().StringVar(&format, "format", formatText, "text or jsonl")
	c.Flags().StringVar(&person, "person", "", "one member of staff, by id, with what changed of them")
	return c
}

// ways says by which channels messages leave at all.
func (s *setup) ways() casefile.Ways {
	ways := casefile.Ways{}
	for channel, via := range map[string]string{pathway.ChannelEmail: s.config.Email.Via, pathway.ChannelSMS: s.config.SMS.Via} {
		if via == configs.ViaFile {
			ways[channel] = casefile.InOutbox
		}
	}
	return ways
}

// readinessView writes who would be reached for people to read, or for programs.
type readinessView struct {
	*casefile.Readiness
	zone *time.Location
}

func (v *readinessView) clock(t time.Time) string { return t.In(v.zone).Format("Mon 2 Jan 2006 15:04") }

func (v *readinessView) writeText(out io.Writer) error {
	fmt.Fprintf(out, "Who would be reached for an urgent duty, %s\n", v.clock(v.At))
	if len(v.Teams) == 0 {
		_, err := fmt.Fprintln(out, "\nThere are no people and no open cases yet: nobody would be told of anything.")
		return err
	}
	for i := range v.Teams {
		t := &v.Teams[i]
		fmt.Fprintf(out, "\n%s, %s\n", teamInWords(t.Team), pathway.Counted(t.Cases, "open case"))
		for k := range t.Roles {
			v.role(out, &t.Roles[k])
		}
	}
	unheard := v.Unheard()
	if len(unheard) == 0 {
		_, err := fmt.Fprintln(out, "\nAn urgent duty would reach somebody in every role of every team.")
		return err
	}
	fmt.Fprintln(out, "\nNOBODY WOULD HEAR an urgent duty of")
	var err error
	for _, team := range slices.Sorted(maps.Keys(unheard)) {
		for i := range unheard[team] {
			_, err = fmt.Fprintf(out, "  %s: %s\n", teamInWords(team), v.roleInWords(&unheard[team][i]))
		}
	}
	return err
}

// writePerson says who would be told in place of one member of staff, and what changed of
// them.
func (v *readinessView) writePerson(out io.Writer, s *casefile.Staff) {
	fmt.Fprintf(out, "%s, %s, %s, %s\n", s.Names.Of(s.ID), strings.ReplaceAll(string(s.Role), "-", " "), teamInWords(s.Team), v.clock(v.At))
	holds := false
	for i := range v.Teams {
		for k := range v.Teams[i].Roles {
			if r := &v.Teams[i].Roles[k]; r.Holder == s.ID {
				holds = true
				fmt.Fprintf(out, "\n%s\n", teamInWords(v.Teams[i].Team))
				v.role(out, r)
			}
		}
	}
	if !holds {
		fmt.Fprintln(out, "\nHas no part in an open case.")
	}
	if len(s.Changes) == 0 {
		fmt.Fprintln(out, "\nNothing changed since they became known.")
		return
	}
	fmt.Fprintln(out, "\nChanges")
	for i := range s.Changes {
		c := &s.Changes[i]
		fmt.Fprintf(out, "  %s  %s", v.clock(c.At), c.What(s.Names))
		if source := c.Source(s.Names); source != "" {
			fmt.Fprintf(out, " (%s)", source)
		}
		fmt.Fprintln(out)
	}
}

func teamInWords(team string) string { return cmp.Or(team, "no team") }

// roleInWords says which role it is, and of how many cases: "practitioner Worker One (W1), 2 cases".
func (v *readinessView) roleInWords(r *casefile.RoleReached) string {
	words := strings.ReplaceAll(string(r.Role), "-", " ")
	if r.Role != casefile.DutyAddress {
		words += " " + cmp.Or(v.Names.Of(r.Holder), nobody)
	}
	if r.Cases > 0 {
		words += ", " + pathway.Counted(r.Cases, "case")
	}
	return words
}

func (v *readinessView) role(out io.Writer, r *casefile.RoleReached) {
	fmt.Fprintf(out, "  %s", v.roleInWords(r))
	switch {
	case r.Told == "":
		fmt.Fprintln(out, ": NOBODY IS TOLD")
		return
	case r.Told != r.Holder && r.Role != casefile.DutyAddress:
		fmt.Fprintf(out, ": %s is told instead", v.Names.Of(r.Told))
	}
	if !r.Hears() {
		fmt.Fprint(out, ": NOBODY WOULD HEAR")
	}
	fmt.Fprintln(out)
	for _, b := range r.By {
		switch channel := pathway.ChannelInWords(b.Channel); {
		case b.Not != "":
			fmt.Fprintf(out, "    %-6s %s\n", channel, b.Not)
		case b.Arrived.IsZero():
			fmt.Fprintf(out, "    %-6s nothing has arrived there yet\n", channel)
		default:
			fmt.Fprintf(out, "    %-6s last arrived %s\n", channel, v.clock(b.Arrived))
		}
	}
	if !r.Answered.IsZero() {
		fmt.Fprintf(out, "    last answered %s\n", v.clock(r.Answered))
	}
}

// reachedLine is one role of a team as programs read it.
type reachedLine struct {
	Team     string       `json:"team"`
	Role     pathway.Role `json:"role"`
	Holder   string       `json:"holder"`
	Cases    int          `json:"cases"`
	Told     string       `json:"told"`
	Heard    bool         `json:"heard"`
	Channels []wayLine    `json:"channels"`
	Answered string       `json:"answered_at,omitempty"`
}

type wayLine struct {
	Channel string `json:"channel"`
	Not     string `json:"not,omitempty"`
	Arrived string `json:"arrived_at,omitempty"`
}

func (v *readinessView) writeJSON(out io.Writer) error {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(v.zone).Format(time.RFC3339)
	}
	to := json.NewEncoder(out)
	for i := range v.Teams {
		for k := range v.Teams[i].Roles {
			r := &v.Teams[i].Roles[k]
			line := reachedLine{Team: v.Teams[i].Team, Role: pathway.Role(strings.ReplaceAll(string(r.Role), " ", "-")), Holder: r.Holder, Cases: r.Cases,
				Told: r.Told, Heard: r.Hears(), Channels: []wayLine{}, Answered: stamp(r.Answered)}
			for _, b := range r.By {
				line.Channels = append(line.Channels, wayLine{b.Channel, b.Not, stamp(b.Arrived)})
			}
			if err := to.Encode(line); err != nil {
				return err
			}
		}
	}
	return nil
}
