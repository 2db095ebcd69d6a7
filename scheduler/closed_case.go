package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// tellClosed tells managers of the unsuccessful visits that were recorded on closed
// cases: all of one scan in one message for each reader. What was recorded in error
// meanwhile is not told.
func (h *households) tellClosed(ctx context.Context, visits []store.VisitNotice) error {
	index := map[string]int{} // in messages, by reader
	for i := range visits {
		v := &visits[i]
		if v.Kind != pathway.NoticeClosedCase {
			continue
		}
		kept, err := h.store.Case(ctx, v.Case)
		if err != nil {
			return err
		}
		before, err := h.store.ToldBefore(ctx, pathway.NoticeClosedCase, v.At, []string{v.Case})
		if err != nil {
			return err
		}
		if before[v.Case] || pathway.Voided(kept.Events)[v.Event] {
			continue
		}
		who := pathway.Allocation{Practitioner: kept.Standing.Practitioner, Manager: kept.Case.Manager, Chair: kept.Case.Chair, Team: kept.Case.Team}
		for _, t := range pathway.TellClosedCase(h.rules.Ladder("routine"), v.By, who, &h.people.Directory, h.now) {
			told := store.VisitTold{Kind: pathway.NoticeClosedCase, Case: v.Case, At: v.At, Visited: []string{v.Case},
				Person: t.Person.ID, Channel: t.Channel, Role: t.Role, Instead: t.Instead, Reason: t.Reason}
			if t.Reason == pathway.Sent {
				if told.Message, err = h.closedMessage(v, &t, index); err != nil {
					return err
				}
			}
			h.told = append(h.told, told)
		}
	}
	return nil
}

// closedMessage returns the key of the message that tells a reader of a visit on a
// closed case, which names all of them.
func (h *households) closedMessage(v *store.VisitNotice, t *pathway.Telling, index map[string]int) (string, error) {
	reader := t.Person.ID + "/" + t.Channel
	alert := notify.Alert{Says: notify.AlertClosedCase, Since: v.At, By: v.By}
	at, begun := index[reader]
	if begun {
		var said payload
		if err := json.Unmarshal(h.messages[at].Payload, &said); err != nil {
			return "", fmt.Errorf("read what is told of closed cases: %w", err)
		}
		alert = *said.Alert
		alert.Since, alert.By = time.Time{}, ""
	}
	if !slices.Contains(alert.Cases, v.Case) {
		alert.Cases = append(alert.Cases, v.Case)
	}
	alert.CaseRef = alert.Cases[0]
	text, err := json.Marshal(payload{Alert: &alert})
	if err != nil {
		return "", fmt.Errorf("write what is told of closed cases: %w", err)
	}
	if begun {
		h.messages[at].Payload = text
		return h.messages[at].Key, nil
	}
	index[reader] = len(h.messages)
	key := keyOf(pathway.NoticeClosedCase, strconv.FormatInt(v.ID, 10), t.Person.ID, t.Channel)
	h.messages = append(h.messages, store.Message{
		Key: key, Kind: string(notify.KindNotice), Person: t.Person.ID, Channel: t.Channel,
		Address: addressOf(t.Person, t.Channel), Severity: h.rules.CallSeverity(), NextTry: h.now, UsefulUntil: h.now.Add(noticeUseful), Payload: text,
	})
	return key, nil
}
