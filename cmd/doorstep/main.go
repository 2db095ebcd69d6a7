// Command doorstep watches cases in which a family could not be seen: it
// reminds the people who must act before each deadline passes, and tells their
// managers when one has.
//
// This package reads flags, wires the others together, writes text and exits with a
// code; it decides nothing about duties, messages, paper or storage itself. serve.go
// lists the parts of the daemon, in the order in which they start (lifecycle.go).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the static binary brings its own time zones

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// What the process exits with.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or bad input
)

// badInput is an error in what the user gave: it exits with exitUsage.
type badInput struct{ error }

func (e badInput) Unwrap() error { return e.error }

// run carries out one command and returns what the process exits with. Errors
// go to errs as "doorstep: what is wrong: what to do".
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	shown, told := &plainWriter{to: out}, &plainWriter{to: errs}
	defer shown.end()
	out, errs = shown, told
	root := command()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	said := err.Error()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		said = "it was interrupted: what was under way is not kept; run it again"
	}
	for line := range strings.Lines(said) {
		fmt.Fprintln(errs, "doorstep:", strings.TrimRight(line, "\n"))
	}
	return exitOf(err)
}

// exitOf is what the process exits with after an error: people can correct what
// they asked for, but not a failure, nor what is away for the moment.
func exitOf(err error) int {
	if bad := (badInput{}); errors.As(err, &bad) {
		return exitUsage
	}
	switch pathway.ProblemOf(err) {
	case pathway.Refused, pathway.NotFound, pathway.Conflict:
		return exitUsage
	}
	return exitFailed
}

// options are the flags that every command has.
type options struct {
	config string
}

func command() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:   "doorstep",
		Short: "Reminds those who must act when a child could not be seen",
		Long: `Doorstep watches cases in which a family could not be seen, reminds the people
who must act before each deadline passes, and tells their managers when it has.

Try it:            doorstep demo
Put it to work:    doorstep import people people.csv
                   doorstep import cases cases.csv
                   doorstep import events events.csv
                   doorstep serve --config doorstep.yaml`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVar(&o.config, "config", "", "configuration file (default: $DOORSTEP_CONFIG, ./doorstep.yaml, /etc/doorstep/doorstep.yaml, or the built-in one)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return badInput{fmt.Errorf("%s: see %s --help", pathway.Escaped(err.Error()), c.CommandPath())}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		serveCommand(o), demoCommand(o), checkCommand(o), importCommand(o), simulateCommand(o),
		recordCommand(o), dutiesCommand(o), reportCommand(o), printCommand(o), postCommand(o), caseCommand(o), digestCommand(o), undeliveredCommand(o), readinessCommand(o), pathwayCommand(o), mappingCommand(o), exportCommand(o), configCommand(o), wordingCommand(o), tokenCommand(o), webhookCommand(o), calendarCommand(o),
		migrateCommand(o), backupCommand(o), restoreCommand(o), versionCommand(),
		keyCommand(o), accountCommand(o), auditCommand(o), restrictCommand(o),
	)
	usageErrors(root)
	return root
}

// usageErrors makes wrong arguments exit as wrong usage, with the way to help.
func usageErrors(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return badInput{fmt.Errorf("%w: see %s --help", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		usageErrors(sub)
	}
	if c.HasSubCommands() && c.RunE == nil {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return badInput{fmt.Errorf("unknown command %q: see %s --help", args[0], c.CommandPath())}
			}
			return c.Help()
		}
	}
}
