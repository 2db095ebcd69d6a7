package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// accountRights are the rights over the service that somebody is given with an account.
type accountRights struct {
	name             string
	operates, audits bool
	noPassword       bool
}

func (r *accountRights) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&r.name, "name", "", "what they are called, where they are not on the people list")
	f.BoolVar(&r.operates, "operates", false, "they run the service: readiness, schedules, files; no case")
	f.BoolVar(&r.audits, "audits", false, "they look at who did what; no case")
	f.BoolVar(&r.noPassword, "no-password", false, "ask for none: they sign in at the organisation, or have one")
}

// given reports whether the flags say anything of rights.
func (r *accountRights) given(c *cobra.Command) bool {
	return c.Flags().Changed("operates") || c.Flags().Changed("audits")
}

// check says what is wrong with giving somebody an account.
func (r *accountRights) check(c *cobra.Command, db *store.Store, id string) error {
	switch {
	case r.name != "" && !r.operates && !r.audits:
		return badInput{errors.New("--name is for somebody who is not on the people list: say --operates or --audits with it")}
	case r.noPassword && !r.given(c):
		return badInput{errors.New("--no-password leaves nothing to do: say --operates or --audits with it")}
	}
	if has, err := db.RightsOf(c.Context(), id, now()); err != nil {
		return err
	} else if has != nil && has.Name != "" && r.given(c) && !r.operates && !r.audits {
		return pathway.NewProblem(pathway.Refused, "%s is on no people list and would be left with no right at all: doorstep account remove %s takes the account away", id, id)
	}
	p, err := db.Person(c.Context(), id)
	switch {
	case err == nil && p.Left(now()):
		return pathway.NewProblem(pathway.Refused, "%s does not work here now, by the people list: correct active_from and active_until there first", id)
	case err == nil, pathway.ProblemOf(err) == pathway.NotFound && (r.operates || r.audits):
		return nil
	}
	return db.Knows(c.Context(), id, now())
}

// give gives somebody the rights that the flags name; none are named: they keep theirs.
func (r *accountRights) give(c *cobra.Command, db *store.Store, id string) error {
	if !r.given(c) {
		return nil
	}
	rights := store.ServiceRights{Person: id, Name: r.name, Operates: r.operates, Audits: r.audits}
	if err := giveRights(c, db, rights); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), rightsLine(&rights))
	return err
}

// giveRights gives somebody rights, and puts on record who did.
func giveRights(c *cobra.Command, db *store.Store, rights store.ServiceRights) error {
	if err := db.GiveRights(c.Context(), now(), rights); err != nil {
		return err
	}
	return auditOfCommand(c, db, store.AuditEntry{Deed: "gave-rights", About: rightsLine(&store.ServiceRights{Person: rights.Person, Operates: rights.Operates, Audits: rights.Audits})})
}

// rightsLine says whose rights they are and which.
func rightsLine(r *store.ServiceRights) string {
	var may []string
	if r.Operates {
		may = append(may, "runs the service")
	}
	if r.Audits {
		may = append(may, "looks at who did what")
	}
	if r.Name != "" {
		r.Name = " (" + r.Name + ")"
	}
	return r.Person + r.Name + "  " + cmp.Or(strings.Join(may, ", "), "has no right over the service")
}
