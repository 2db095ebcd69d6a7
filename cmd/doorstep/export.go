package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

func exportCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write a case's chronology as a PDF",
	}
	var file string
	chronology := &cobra.Command{
		Use:   "chronology REF --out FILE.pdf",
		Short: "Write everything that happened on one case, for a case review",
		Long: `Writes a PDF with the visits and what was done about them, every duty with when
it was due and met, who was told when and whether it reached them, and the cards
and letters with their serials and the hashes of their files.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return badInput{errors.New("--out is missing: say which file to write")}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				f, err := casefile.Chronology(c.Context(), db, rules, args[0], now())
				if err != nil {
					return err
				}
				st, err := s.stationery()
				if err != nil {
					return err
				}
				printer, err := st.Printer()
				if err != nil {
					return err
				}
				if err := auditCommandOn(c, db, f.Case.Ref, pathway.DeedExport); err != nil {
					return err
				}
				return writeWhole(file, func(w io.Writer) error {
					return casefile.WriteChronology(w, f, printer, s.calendar)
				})
			})
		},
	}
	chronology.Flags().StringVar(&file, "out", "", "the PDF to write")
	c.AddCommand(chronology)
	return c
}
