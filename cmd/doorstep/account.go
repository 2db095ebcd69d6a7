package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/web/signin"
)

func accountCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "account",
		Short: "Say who may sign in on the pages",
		Long: `Whoever is on the people list can have an account, with which they sign in on the
pages: by their id and a password, which is kept as a hash only. Nobody has one until
somebody makes it here. Where an OpenID Connect provider is configured (signin.issuer)
people sign in there instead, and are linked to their id once. What they may see and do
follows from the people list and the cases; whoever has left by it is out at once.

Whoever runs the service (--operates) or looks at who did what (--audits) need not be
on the people list: give such an account a --name. These rights open no case. Where
signin.rights is configured, the provider's groups give them too.`,
	}
	var rights accountRights
	add := &cobra.Command{
		Use:   "add ID",
		Short: "Give a person an account, rights over the service, or a new password",
		Long: fmt.Sprintf(`Asks for the password on the terminal, twice, or reads it as one line from standard
input where that is none. It needs %d characters at least. Where the person has an
account, it gets the new password and its sessions end.

--operates and --audits are then all the rights over the service that the person has by
this command; without either, they stay as they are.`, signin.Shortest),
		Example: `  doorstep account add W1
  doorstep account add W1 < password.txt
  doorstep account add IT1 --name "Ira Best" --operates
  doorstep account add M1 --audits --no-password`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				return addAccount(c, db, args[0], &rights)
			})
		},
	}
	rights.flags(add)
	remove := &cobra.Command{
		Use:   "remove ID",
		Short: "Take a person's account and rights over the service away, and end its sessions",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				_, has, err := db.PasswordHash(c.Context(), args[0])
				rights, problem := db.RightsOf(c.Context(), args[0], now())
				if err := errors.Join(err, problem, noAccount(args[0], has || rights != nil)); err != nil {
					return err
				}
				if rights != nil {
					if err := giveRights(c, db, store.ServiceRights{Person: args[0]}); err != nil {
						return err
					}
				}
				if err := db.RemoveAccount(c.Context(), args[0]); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s can no longer sign in with a password\n", args[0])
				return err
			})
		},
	}
	list := &cobra.Command{
		Use:   "list",
		Short: "List who has an account, and who is linked to the organisation's sign-in",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				return listAccounts(c, db)
			})
		},
	}
	c.AddCommand(add, remove, list, linkCommand(o), unlinkCommand(o))
	return c
}

func listAccounts(c *cobra.Command, db *store.Store) error {
	ids, err := db.Accounts(c.Context())
	if err != nil {
		return err
	}
	links, err := db.Identities(c.Context())
	if err != nil {
		return err
	}
	rights, err := db.AllRights(c.Context())
	if err != nil {
		return err
	}
	if len(ids)+len(links)+len(rights) == 0 {
		ids = []string{"nobody has an account: doorstep account add ID makes one"}
	}
	for _, id := range ids {
		fmt.Fprintln(c.OutOrStdout(), id)
	}
	for _, l := range links {
		fmt.Fprintf(c.OutOrStdout(), "%s  is %s at %s\n", l.Person, l.Subject, l.Issuer)
	}
	for i := range rights {
		if r := &rights[i]; r.Ends.IsZero() || r.Ends.After(now()) {
			fmt.Fprintf(c.OutOrStdout(), "%s\n", rightsLine(r))
		}
	}
	return nil
}

func linkCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "link ID SUBJECT",
		Short: "Say who a person is at the organisation's sign-in service",
		Long: `SUBJECT is what the OpenID Connect provider calls the person, for good (the claim
"sub"). Whoever signs in there and is not linked yet is shown theirs.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				issuer := s.config.SignIn.Issuer
				if issuer == "" {
					return badInput{errors.New("no sign-in service is configured: write its address into signin.issuer first")}
				}
				if err := db.LinkIdentity(c.Context(), now(), issuer, args[1], args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s can sign in at %s\n", args[0], issuer)
				return err
			})
		},
	}
}

func unlinkCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "unlink ID",
		Short: "End a person's links to sign-in services, and their sessions",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				if err := db.UnlinkIdentity(c.Context(), args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s is linked to no sign-in service any more\n", args[0])
				return err
			})
		},
	}
}

func noAccount(id string, has bool) error {
	if has {
		return nil
	}
	return pathway.NewProblem(pathway.NotFound, "%s has no account: doorstep account list names those who have", id)
}

func addAccount(c *cobra.Command, db *store.Store, id string, rights *accountRights) error {
	if err := rights.check(c, db, id); err != nil {
		return err
	}
	if rights.noPassword {
		return rights.give(c, db, id)
	}
	password, err := askPassword(c.InOrStdin(), c.ErrOrStderr())
	if err != nil {
		return err
	}
	hash, err := signin.Hash(password)
	if err != nil {
		return badInput{err}
	}
	if err := rights.give(c, db, id); err != nil {
		return err
	}
	if err := db.SetPassword(c.Context(), now(), id, hash); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s can sign in with this password\n", id)
	return err
}

// askPassword asks for a password on the terminal, twice, and shows nothing of it; where
// in is no terminal, it reads a line.
func askPassword(in io.Reader, errs io.Writer) (string, error) {
	file, is := in.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("cannot read the password from standard input: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, ask := range []string{"Password: ", "Once more: "} {
		fmt.Fprint(errs, ask)
		b, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(errs)
		if err != nil {
			return "", fmt.Errorf("cannot read the password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", badInput{errors.New("the two passwords differ: try again")}
	}
	return typed[0], nil
}
