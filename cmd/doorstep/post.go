package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// postFlags are what is asked of post.
type postFlags struct {
	batch           int64
	pending, status bool

	out, by, language string
	largePrint        bool
}

func postCommand(o *options) *cobra.Command {
	f := &postFlags{}
	c := &cobra.Command{
		Use:   "post",
		Short: "Have GOV.UK Notify print and post letters, and see how they stand",
		Long: `Hands letters over to GOV.UK Notify, which prints and posts them, one PDF each, as
they were printed (letters.via: notify). Each goes once, however often this is run
and whoever runs it at the same time: where it stopped, the same command sends the
rest, and the daemon does so by itself. What has happened since that makes a letter
wrong keeps it back.

--batch hands over the letters of a batch that was printed with --layout notify.
--pending makes a batch of the letters that wait and hands them over; its cover
sheet goes into --out (default: print_folder). Cards go through the door: they are
never posted.

--status asks GOV.UK Notify how letters stand: those of a batch, or all that are on
their way or were refused in the last 14 days. The daemon asks by itself. A letter
that is refused is told to operations; doorstep print --batch prints it again.

The last line of standard output is a summary in JSON.`,
		Example: `  doorstep post --pending
  doorstep post --batch 7
  doorstep post --status
  doorstep post --status --batch 7`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			hasBatch := c.Flags().Changed("batch")
			if f.pending == (f.status || hasBatch) {
				return badInput{errors.New("say --pending for the letters that wait, --batch with a number, or --status to see how letters stand: see doorstep post --help")}
			}
			ready := store.MustBeCurrent
			if f.pending {
				ready = store.StartsEmpty
			}
			s, err := o.loadToSend("letters.")
			if err != nil {
				return err
			}
			o.tellConfig(c.ErrOrStderr())
			return s.withStore(c, ready, func(db *store.Store) error {
				if f.status {
					return s.postStatus(c, db, f)
				}
				return s.post(c, db, f)
			})
		},
	}
	c.Flags().Int64Var(&f.batch, "batch", 0, "the letters of this batch")
	c.Flags().BoolVar(&f.pending, "pending", false, "the letters that wait, as a batch of their own")
	c.Flags().BoolVar(&f.status, "status", false, "say how letters stand; send nothing")
	c.Flags().StringVar(&f.out, "out", "", "with --pending: the folder for the cover sheet (default: print_folder)")
	c.Flags().StringVar(&f.by, "by", "", "with --pending: who makes the batch, for the record (default: the user of this computer)")
	c.Flags().StringVar(&f.language, "language", "", "with --pending: the wording's language (default: en)")
	c.Flags().BoolVar(&f.largePrint, "large-print", false, "with --pending: letters in 18 point")
	return c
}

// post hands over the letters of a batch, which it makes first where that is asked.
func (s *setup) post(c *cobra.Command, db *store.Store, f *postFlags) error {
	room, summary := s.postRoom(db, nil), printing.PostSummary{Batch: f.batch}
	progress := newProgress(c.ErrOrStderr())
	var unprinted error
	if f.pending {
		made, err := s.batchToPost(c, db, f, progress)
		progress.end()
		if err != nil {
			return err
		}
		tellMade(c.ErrOrStderr(), made)
		summary.Batch, unprinted = made.Number, made.Unprinted()
		if len(made.Covers) > 0 {
			summary.Cover = made.Covers[0]
		}
		if made.Items == 0 {
			return errors.Join(writeSummary(c.OutOrStdout(), &summary), unprinted)
		}
	}
	room.Asked = askedByCommand()
	posted, failed := room.Post(c.Context(), now(), summary.Batch, func(sent int) { progress.say("posting", sent, "letter") })
	progress.end()
	if posted == nil {
		return failed
	}
	summary.Sent = posted.Sent
	summary.Count(posted.Letters)
	tellNotPosted(c.ErrOrStderr(), posted)
	return errors.Join(writeSummary(c.OutOrStdout(), &summary), unprinted, failed)
}

// batchToPost makes a batch of the letters that wait.
func (s *setup) batchToPost(c *cobra.Command, db *store.Store, f *postFlags, progress *progress) (*printing.Batch, error) {
	place, err := printing.NewPlace(cmp.Or(f.out, s.config.PrintFolder))
	if err != nil {
		return nil, err
	}
	at := now()
	room, err := s.printRoom(c.Context(), at, db, nil)
	if err != nil {
		return nil, err
	}
	room.Asked = askedByCommand()
	return room.PrintToPost(c.Context(), at, whoRuns(f.by), printing.Options{Language: f.language, LargePrint: f.largePrint}, place, progress.printed)
}

// postStatus says how letters stand, after GOV.UK Notify was asked. Where it cannot be
// asked, it says what is known.
func (s *setup) postStatus(c *cobra.Command, db *store.Store, f *postFlags) error {
	room := s.postRoom(db, nil)
	var letters []store.BatchPosting
	var stale, err error
	if c.Flags().Changed("batch") {
		letters, stale, err = room.StatusOfBatch(c.Context(), now(), f.batch)
	} else {
		letters, stale, err = room.Status(c.Context(), now())
	}
	if err == nil {
		err = auditOfCommand(c, db, store.AuditEntry{Deed: string(pathway.DeedLook), About: "letters at GOV.UK Notify"})
	}
	if err != nil {
		return errors.Join(stale, err)
	}
	summary := printing.PostSummary{Batch: f.batch}
	summary.Count(letters)
	out := bufio.NewWriter(c.OutOrStdout())
	s.listLetters(out, letters)
	err = writeSummary(out, &summary)
	return errors.Join(err, out.Flush(), stale)
}

func (s *setup) listLetters(out io.Writer, letters []store.BatchPosting) {
	if len(letters) == 0 {
		fmt.Fprintln(out, "no letters are on their way")
	}
	for i := range letters {
		p := &letters[i]
		if i == 0 || p.Batch != letters[i-1].Batch {
			fmt.Fprintf(out, "batch %d\n", p.Batch)
		}
		fmt.Fprintf(out, "  case %s: letter %s, serial %s: %s\n", p.Case, p.Variant, p.Serial, printing.PostingWords(&p.Posting, s.calendar.Location()))
	}
}

// tellNotPosted says what of a batch is not posted, and why.
func tellNotPosted(to io.Writer, posted *printing.Posted) {
	told := 0
	for i := range posted.Letters {
		p := &posted.Letters[i]
		if p.State != store.PostingRefused && p.State != store.PostingWithdrawn {
			continue
		}
		if told++; told <= printing.MostTold {
			fmt.Fprintf(to, "case %s: letter %s, serial %s, is not posted: %s\n", p.Case, p.Variant, p.Serial, p.Reason)
		}
	}
	if told > printing.MostTold {
		fmt.Fprintf(to, "and %d more: doorstep post --status --batch %d\n", told-printing.MostTold, posted.Batch.Number)
	}
	for _, f := range posted.Batch.Files {
		if f.Kind == pathway.PaperCard {
			fmt.Fprintf(to, "%s of batch %d: not posted, cards go through the door\n", pathway.Counted(f.Items, f.Kind), posted.Batch.Number)
		}
	}
}
