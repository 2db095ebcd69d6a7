package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
)

func configCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration: the annotated default, or the one in force",
	}
	var effective bool
	show := &cobra.Command{
		Use:   "show",
		Short: "Show the annotated default configuration, or with --effective the one in force",
		Long: `Prints the default configuration, with what each key is for: copy what you want to
change into a doorstep.yaml of your own.

With --effective it prints the one in force: each value, the line it stands on if
your file has it, and which files the pathways, the column mappings and the wording
come from. Secrets are hidden, and so is what ${...} stands for.`,
		Example: `  doorstep config show > doorstep.yaml
  doorstep config show --effective --config doorstep.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !effective {
				_, err := c.OutOrStdout().Write(configs.DefaultYAML())
				return err
			}
			s, err := o.load()
			if err != nil {
				return err
			}
			return s.config.WriteEffective(c.OutOrStdout(), s.pathways)
		},
	}
	show.Flags().BoolVar(&effective, "effective", false, "the configuration in force, with secrets hidden")
	c.AddCommand(show)
	return c
}

func wordingCommand(*options) *cobra.Command {
	c := &cobra.Command{
		Use:   "wording",
		Short: "The texts of messages, cards and letters, to be changed",
	}
	c.AddCommand(&cobra.Command{
		Use:   "export DIR",
		Short: "Write the shipped wording into a folder, to be changed",
		Long: `Writes the shipped texts of messages, cards and letters into a folder, and
overwrites nothing. Keep the files that you change and delete the others: those that
are not there are as shipped, also in later releases.`,
		Example: "  doorstep wording export wording",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := configs.ExportWording(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), `%s written into %s. Change what you want to change, delete the
others, and name the folder in your configuration, beside which it is looked for:

  wording: %s

doorstep check says what is wrong with it.
`, pathway.Counted(n, "file"), args[0], filepath.Clean(args[0]))
			return err
		},
	})
	return c
}
