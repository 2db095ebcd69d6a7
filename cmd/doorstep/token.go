package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/web/api"
)

// A token lasts for a year at most, and for three months where nothing is said.
const (
	tokenLasts     = 90 * 24 * time.Hour
	tokenLastsMost = 366 * 24 * time.Hour
)

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$`)

func tokenCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Let programs of other systems use the API, or no longer",
		Long: `A token lets a program use the API (` + api.Path + `; openapi.json there says how). It is
shown once, when it is made, and only its hash is kept. What it may do are its scopes:
read (cases, duties, messages), events, cases, and people (staff, and where their
messages go).`,
	}
	c.AddCommand(tokenAddCommand(o), tokenListCommand(o), &cobra.Command{
		Use:   "revoke NAME",
		Short: "End a token at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				if err := db.RevokeToken(c.Context(), now(), args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "the token %q opens nothing any more\n", args[0])
				return err
			})
		},
	})
	return c
}

func tokenAddCommand(o *options) *cobra.Command {
	var scopes []string
	var until string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a token, and show it once",
		Example: `  doorstep token add record-system --scope events,cases
  doorstep token add dashboard --scope read --until 2027-03-31`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(scopes) == 0 {
				return badInput{fmt.Errorf("--scope: say what the token may do: %s", pathway.OneOf(api.Scopes))}
			}
			for _, s := range scopes {
				if !slices.Contains(api.Scopes, s) {
					return badInput{fmt.Errorf("--scope: %q is not known%s: use %s", s, pathway.DidYouMean(s, api.Scopes), pathway.OneOf(api.Scopes))}
				}
			}
			if !tokenName.MatchString(args[0]) {
				return badInput{errors.New("NAME: name the program with letters, digits, dots and hyphens, 40 at most: it stands in histories")}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				at := now()
				t := store.Token{Name: args[0], Scopes: scopes, Created: at, CreatedBy: whoRuns(""), Expires: at.Add(tokenLasts)}
				if until != "" {
					expires, err := intake.ParseTime(until, s.calendar.Location())
					switch {
					case err != nil:
						return badInput{fmt.Errorf("--until: %w", err)}
					case !expires.After(at):
						return badInput{fmt.Errorf("--until: %s has passed: give a later day", until)}
					case expires.Sub(at) > tokenLastsMost:
						return badInput{fmt.Errorf("--until: a token lasts for a year at most: give an earlier day")}
					}
					t.Expires = expires
				}
				secret, err := db.AddToken(c.Context(), t)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.ErrOrStderr(), "the token %q may %s, until %s; it is shown this once:\n",
					t.Name, strings.Join(t.Scopes, ", "), t.Expires.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04"))
				_, err = fmt.Fprintln(c.OutOrStdout(), secret)
				return err
			})
		},
	}
	c.Flags().StringSliceVar(&scopes, "scope", nil, "what it may do: "+strings.Join(api.Scopes, ", ")+"; several with commas between")
	c.Flags().StringVar(&until, "until", "", "the day or time at which it ends (default: in 90 days)")
	return c
}

func tokenListCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tokens: what they may do, until when, and when they were last used",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				tokens, err := db.Tokens(c.Context())
				if err != nil {
					return err
				}
				return writeTokens(c.OutOrStdout(), tokens, now(), s.calendar.Location())
			})
		},
	}
}

func writeTokens(out io.Writer, tokens []store.Token, at time.Time, zone *time.Location) error {
	var b strings.Builder
	if len(tokens) == 0 {
		b.WriteString("There is no token.\n")
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("Mon 2 Jan 2006 15:04")
	}
	for i := range tokens {
		t := &tokens[i]
		state := "until " + day(t.Expires)
		switch {
		case !t.Revoked.IsZero():
			state = "REVOKED on " + day(t.Revoked)
		case !t.Good(at):
			state = "EXPIRED on " + day(t.Expires)
		}
		fmt.Fprintf(&b, "%s  %s\n  %s; made on %s by %s; last used: %s\n", t.Name, strings.Join(t.Scopes, ", "), state, day(t.Created), t.CreatedBy, cmp.Or(day(t.LastUsed), "never"))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
