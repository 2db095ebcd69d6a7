package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler/rehearsal"
)

func demoCommand(o *options) *cobra.Command {
	var folder, listen string
	var serve bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job in a minute, on invented cases",
		Long: `Follows an invented caseload through the fortnight of Christmas 2026 on a virtual
clock, writes the emails, texts and digests that it would have sent, and the cards
and letters that it would have printed, into a folder, and says where they lie. It
sends nothing. On a terminal, or with --serve, it then shows the cases on pages, on this
machine alone, until Ctrl-C.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			if folder == "" {
				if folder, err = os.MkdirTemp("", "doorstep-demo-"); err != nil {
					return err
				}
			}
			if !serve && !term.IsTerminal(int(os.Stdout.Fd())) {
				if err := demo(c.Context(), s, folder, c.OutOrStdout()); err != nil {
					return err
				}
				_, err := fmt.Fprintln(c.OutOrStdout(), "\nTo look at the cases on pages: doorstep demo --serve")
				return err
			}
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return badInput{fmt.Errorf("--listen: %w: give another, such as 127.0.0.1:0", err)}
			}
			defer listener.Close()
			s.config.GivePublicURL("http://" + listener.Addr().String()) // where its messages lead to
			if err := demo(c.Context(), s, folder, c.OutOrStdout()); err != nil {
				return err
			}
			return serveDemo(c.Context(), s, folder, s.demoEnds(), listener, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&folder, "folder", "", "where to put everything (default: a new folder for temporary files)")
	c.Flags().BoolVar(&serve, "serve", false, "show the cases on pages afterwards, until Ctrl-C (on a terminal: always)")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "where, on this machine")
	return c
}

// demoEnds is the end of the demo, from which its pages go on: in the morning, when the
// day's first messages have gone.
func (s *setup) demoEnds() time.Time { return s.calendar.StartOf(demoTo).Add(9 * time.Hour) }

// The fortnight of the demo: a weekend, Christmas Day, the day given for Boxing
// Day, and New Year's Day lie in it.
var (
	demoFrom = pathway.Date{Year: 2026, Month: time.December, Day: 21}
	demoTo   = pathway.Date{Year: 2027, Month: time.January, Day: 5}
	// demoQueue is from when on nobody has printed what is called for.
	demoQueue = pathway.Date{Year: 2026, Month: time.December, Day: 23}
)

func demo(ctx context.Context, s *setup, folder string, out io.Writer) error {
	began := now()
	s.config.Outbox = filepath.Join(folder, "outbox")
	if s.config.ContactNumber() == "" {
		s.config.Organisation.ContactNumber = "01632 960123" // kept free for drama: nobody has it
	}
	if err := configs.WriteDemo(folder); err != nil {
		return err
	}
	sim := simulation{setup: s, from: s.calendar.StartOf(demoFrom), to: s.demoEnds(), queue: s.calendar.StartOf(demoQueue)}
	if err := sim.read(ctx, simulationFiles{
		people: filepath.Join(folder, "people.csv"), cases: filepath.Join(folder, "cases.csv"), events: filepath.Join(folder, "events.csv"),
	}); err != nil {
		return err
	}
	composer, err := s.composer()
	if err != nil {
		return err
	}
	file := notify.NewOutbox(s.config.Outbox, composer)
	sim.channels = map[string]notify.Channel{notify.ByEmail: file, notify.BySMS: file}
	database := filepath.Join(folder, "doorstep.db")
	if err := os.Remove(database); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cases := 0
	for range sim.caseload.Cases() {
		cases++
	}
	fmt.Fprintf(out, "Following %d invented cases from %s to %s …\n", cases, dayWords(sim.from), dayWords(sim.to))
	lines, err := sim.run(ctx, "sqlite:"+database)
	if err != nil {
		return err
	}
	paper, err := sim.writePaper(ctx, folder, lines)
	if err != nil {
		return err
	}
	return demoReport(out, folder, lines, paper, now().Sub(began))
}

func dayWords(t time.Time) string { return t.Format("Monday 2 January 2006") }

// demoReport says what there is to look at.
func demoReport(out io.Writer, folder string, lines []rehearsal.Line, paper []string, took time.Duration) error {
	counts := rehearsal.Summarise(lines)
	fmt.Fprintf(out, "\nDuties:    %d met in time, %d met late, %d overdue, %d open, %d ended\n", counts.Duties[pathway.Met],
		counts.Duties[pathway.MetLate], counts.Duties[pathway.Overdue], counts.Duties[pathway.Open], counts.Duties[pathway.Ended])
	fmt.Fprintf(out, "Reminders: %d by email, %d by text\n", counts.Sent[pathway.ChannelEmail], counts.Sent[pathway.ChannelSMS])
	fmt.Fprintf(out, "Digests:   %d\n", counts.Digests)
	fmt.Fprintf(out, "To print:  %s, %s\n", pathway.Counted(counts.Prints[pathway.PaperCard], "card"), pathway.Counted(counts.Prints[pathway.PaperLetter], "letter"))
	if fullest := counts.Fullest; fullest != nil {
		fmt.Fprintf(out, "The fullest went to %s on %s: %d overdue, %d due later that day.\n",
			fullest.Person, fullest.At.Format("Monday 2 January"), fullest.Overdue, fullest.DueToday)
	}
	_, err := fmt.Fprintf(out, `
Took %.1f seconds. Nothing was sent. Look at what would have been:

  %s
      the emails (.eml: open one in your mail program) and texts (.txt)
  %s
      what would go through the door and in the post
  %s
      the invented people, cases and events: the form your own would have

The database is there too. Look at a case and at a digest in it with a
configuration that names it:

  echo 'database: sqlite:%s' > demo.yaml
  doorstep case CF-035 --config demo.yaml
  doorstep digest --manager MN --on 2027-01-04 --config demo.yaml
`, took.Seconds(), filepath.Join(folder, "outbox"), strings.Join(paper, ", "), filepath.Join(folder, "people.csv")+", cases.csv, events.csv", filepath.Join(folder, "doorstep.db"))
	return err
}
