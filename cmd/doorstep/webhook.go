package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/notify/webhook"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// webhookEndpoints are the other systems that are told of events, as the database is to
// know them.
func (s *setup) webhookEndpoints() []store.WebhookEndpoint {
	var all []store.WebhookEndpoint
	for _, w := range s.config.Webhooks {
		all = append(all, store.WebhookEndpoint{Name: w.Name, Address: w.URL, Events: w.Events})
	}
	return all
}

// openWebhooks makes what hands webhooks over. Nothing connects yet.
func (s *setup) openWebhooks() ([]scheduler.Webhook, error) {
	var all []scheduler.Webhook
	for i, w := range s.config.Webhooks {
		endpoint, err := webhook.New(w.URL, w.Secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("webhooks[%d]: %w", i, err)
		}
		all = append(all, scheduler.Webhook{Name: w.Name, Post: endpoint.Post})
	}
	return all, nil
}

// webhooks asks at each endpoint whether anything answers there, and tells it nothing.
func (r *report) webhooks(ctx context.Context, s *setup) {
	ctx, cancel := context.WithTimeout(ctx, providerPatience)
	defer cancel()
	for i, w := range s.config.Webhooks {
		endpoint, err := webhook.New(w.URL, w.Secret.Reveal())
		if err == nil {
			err = endpoint.Reach(ctx)
		}
		if err != nil {
			r.fault(fmt.Errorf("webhooks[%d]: %s: %w", i, w.Name, err))
		}
	}
}

func webhookCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "webhook",
		Short: "Say how the webhooks to other systems stand, or send them again",
		Long: `Webhooks tell other systems of what happens (webhooks in the configuration; docs/api.md
says how they look). Serve sends them; one that is not taken is tried again for three days,
and then given up. An endpoint that answers 410 Gone is switched off.`,
	}
	c.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the endpoints: what waits for them, and what was given up",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				states, err := db.WebhookStates(c.Context(), now())
				if err != nil {
					return err
				}
				return writeWebhooks(c.OutOrStdout(), states, s)
			})
		},
	}, &cobra.Command{
		Use:   "enable NAME",
		Short: "Send webhooks again to one that was switched off, and what was given up",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				var names []string
				for _, w := range s.config.Webhooks {
					names = append(names, w.Name)
				}
				if !slices.Contains(names, args[0]) {
					return pathway.NewProblem(pathway.NotFound, "there is no webhook %q in the configuration%s: see doorstep webhook list", args[0], pathway.DidYouMean(args[0], names))
				}
				done, err := db.EnableWebhook(c.Context(), now(), args[0])
				if err != nil {
					return err
				}
				says := "the webhooks of %s go again\n"
				if !done {
					says = "the webhooks of %s are not switched off, and none was given up\n"
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), says, args[0])
				return err
			})
		},
	})
	return c
}

func writeWebhooks(out io.Writer, states []store.WebhookState, s *setup) error {
	var b strings.Builder
	if len(states) == 0 {
		b.WriteString("There is no webhook: see webhooks in doorstep config show.\n")
	}
	at := func(t time.Time) string { return t.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04") }
	for i := range states {
		w := &states[i]
		state := "goes"
		if !w.Disabled.IsZero() {
			state = fmt.Sprintf("SWITCHED OFF on %s: %s", at(w.Disabled), cmp.Or(w.Reason, "its receiver wants no more"))
		}
		fmt.Fprintf(&b, "%s  %s\n  %s; %d waiting", w.Name, strings.Join(s.config.Webhooks[i].Events, ", "), state, w.Waiting)
		if !w.Oldest.IsZero() {
			fmt.Fprintf(&b, ", the oldest since %s", at(w.Oldest))
		}
		fmt.Fprintf(&b, "; %d given up\n", w.Failed)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
