package printing_test

import (
	"slices"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

// within reports whether a job that was handed now did something by the clock that
// goes on from there.
func within(now, at time.Time) bool { return !at.Before(now) && at.Before(now.Add(time.Minute)) }

// TestJobsUseTheTimeTheyAreHanded: a year from now is as good as today.
func TestJobsUseTheTimeTheyAreHanded(t *testing.T) {
	notified := govuktest.Start(t, govuktest.Options{})
	o := newOffice(t, storetest.OpenSQLite(t))
	o.Letters = &printing.Letters{APIKey: govuktest.APIKey, BaseURL: notified.URL, Postage: "second"}
	now := instant(t, "2027-11-30 02:00")
	offer := pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: now.AddDate(0, 0, 9)}
	o.takesIn(now, []pathway.Case{o.family(1, nil), o.family(2, nil)}, offer, pathway.Event{Case: "SW-2", Kind: pathway.KindNoAccess, At: now.Add(-time.Hour)})
	counts, err := o.PrintNightly(t.Context(), now)
	if err != nil || counts["printed"] != 2 || counts["posted"] != 1 {
		t.Fatalf("the nightly batch counts %v (%v), want 2 printed and 1 posted", counts, err)
	}
	batch, err := o.Store.Batch(t.Context(), 1)
	if err != nil || !batch.Made.Equal(now) || batch.By != "schedules.print" {
		t.Errorf("batch 1 was made at %v by %s (%v), want at %v by schedules.print", batch.Made, batch.By, err, now)
	}
	letters, err := o.Store.Postings(t.Context(), 1)
	if err != nil || len(letters) != 1 || !within(now, letters[0].Queued) || !within(now, letters[0].Accepted) {
		t.Errorf("letters of batch 1: %+v (%v), want one that was handed over at %v", letters, err, now)
	}

	// Four days on, Notify knows nothing of it any more.
	o.Letters.BaseURL = govuktest.Start(t, govuktest.Options{}).URL
	later := now.AddDate(0, 0, 4)
	var told []string
	counts, err = o.PostLetters(t.Context(), later, func(_ string, alert notify.Alert) { told = append(told, alert.Says) })
	if err != nil || counts["changed"] != 1 || !slices.Equal(told, []string{notify.AlertLettersRefused}) {
		t.Errorf("the letters job of %v counts %v and tells operations of %v (%v), want 1 changed and letters refused", later, counts, told, err)
	}
	letters, err = o.Store.Postings(t.Context(), 1)
	if err != nil || len(letters) != 1 || letters[0].Status != "forgotten" || !letters[0].StatusAt.Equal(later) {
		t.Errorf("the letters stand %+v (%v), want one forgotten at %v", letters, err, later)
	}
}
