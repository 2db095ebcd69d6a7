package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/pathway/flowchart"
)

func pathwayCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "pathway",
		Short: "Show pathways as text or as a flow chart",
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List the pathways",
			Args:  cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				s, err := o.load()
				if err != nil {
					return err
				}
				return flowchart.List(c.OutOrStdout(), s.pathways.List())
			},
		},
		&cobra.Command{
			Use:   "show ID",
			Short: "Show a pathway's duties, clocks and sources as text",
			Args:  cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				s, p, err := o.pathway(args[0])
				if err != nil {
					return err
				}
				return flowchart.Text(c.OutOrStdout(), p, s.pathways.Ladders)
			},
		},
		drawCommand(o),
	)
	return c
}

func drawCommand(o *options) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "draw ID",
		Short: "Draw a pathway as an SVG flow chart",
		Example: `  doorstep pathway draw hv-child > hv-child.svg
  doorstep pathway draw hv-child --out hv-child.svg`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, p, err := o.pathway(args[0])
			if err != nil {
				return err
			}
			var drawing bytes.Buffer
			if err := flowchart.SVG(&drawing, p, s.pathways.Ladders); err != nil {
				return err
			}
			if file == "" {
				_, err = drawing.WriteTo(c.OutOrStdout())
				return err
			}
			if err := os.WriteFile(file, drawing.Bytes(), 0o644); err != nil {
				return fmt.Errorf("cannot write the flow chart: %w: choose another --out", err)
			}
			return nil
		},
	}
	c.Flags().StringVar(&file, "out", "", "file to write (default: standard output)")
	return c
}

// pathway finds a pathway by its id.
func (o *options) pathway(id string) (*setup, *pathway.Pathway, error) {
	s, err := o.load()
	if err != nil {
		return nil, nil, err
	}
	p, err := s.pathways.Find(id)
	return s, p, err
}
