package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// What is counted of files that were deleted.
const (
	forgottenImported = "imported_files"
	forgottenRejected = "rejected_files"
)

// forget deletes what is kept no longer, and puts on record how much of what.
func (v *service) forget(ctx context.Context, now time.Time) (map[string]int, error) {
	r := &v.config.Retention
	counts, err := v.db.Forget(ctx, store.Retention{
		ClosedCases: r.ClosedCases.Until(now), MessageTexts: r.Messages.Until(now), Audit: r.Audit.Until(now), TextsReceived: r.TextsReceived.Until(now),
		PrintedBatches: r.PrintedBatches.Until(now), Sessions: r.Sessions.Until(now), Webhooks: r.Webhooks.Until(now),
	})
	if v.config.Inbox != "" {
		done, rejected, failed := intake.ForgetFiles(ctx, v.config.Inbox, r.ImportedFiles.Until(now), r.RejectedFiles.Until(now))
		counts[forgottenImported], counts[forgottenRejected] = done, rejected
		err = errors.Join(err, failed)
	}
	var about []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[kind]; n > 0 {
			about = append(about, fmt.Sprintf("%s: %d", strings.ReplaceAll(kind, "_", " "), n))
		}
	}
	if len(about) == 0 {
		return counts, err
	}
	v.log.Info("deleted what is kept no longer", "deleted", strings.Join(about, ", "))
	return counts, errors.Join(err, v.db.AddAudit(context.WithoutCancel(ctx), store.AuditEntry{
		At: now, Who: "schedule " + jobRetention, Way: pathway.WayCommand, Deed: "delete", About: strings.Join(about, ", "), Reason: "kept no longer, as retention says"}))
}
