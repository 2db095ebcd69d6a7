package govuktest

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Fate says how messages to a number or address, or the letter with a reference,
// end: with one of Notify's statuses. Without it texts and emails are delivered and
// letters received, save that a PDF without its end fails validation.
func (s *Server) Fate(who, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates[who] = status
}

// Set gives what was taken under this id a status, whatever the clock says.
func (s *Server) Set(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byID[id]; ok {
		s.taken[i].set = status
	}
}

// status is how far n has come.
func (s *Server) status(n *Notification, now time.Time) string {
	age, whole := now.Sub(n.CreatedAt), s.options.DeliverAfter
	fate := s.fates[n.To]
	if n.Type == "letter" {
		fate = s.fates[n.Reference]
	}
	switch {
	case n.set != "":
		return n.set
	case n.Type != "letter" && age < whole/2:
		return "created"
	case n.Type != "letter" && age < whole:
		return "sending"
	case n.Type != "letter" && fate == "":
		return "delivered"
	case n.Type != "letter":
		return fate
	case age < whole/2:
		return "pending-virus-check"
	case fate == "virus-scan-failed", fate == "validation-failed", fate == "cancelled": // before anything is printed
		return fate
	case !bytes.Contains(n.PDF[max(0, len(n.PDF)-1024):], []byte("%%EOF")):
		return "validation-failed"
	case age < whole:
		return "accepted"
	case fate == "":
		return "received"
	}
	return fate
}

// final reports whether nothing comes after a status.
func final(status string) bool {
	return !slices.Contains([]string{"created", "sending", "pending", "pending-virus-check", "accepted"}, status)
}

func (s *Server) showNotification(w http.ResponseWriter, r *http.Request) {
	id, now := r.PathValue("id"), s.options.Now()
	if !isUUID(id) {
		refuse(w, 400, "ValidationError", "notification_id is not a valid UUID")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[id]
	if !ok {
		refuse(w, 404, "NoResultFound", "No result found")
		return
	}
	answer(w, http.StatusOK, s.describe(s.taken[i], now))
}

// pageSize is how many Notify tells of at once.
const pageSize = 250

func (s *Server) listNotifications(w http.ResponseWriter, r *http.Request) {
	now, query := s.options.Now(), r.URL.Query()
	for name := range query {
		if !slices.Contains([]string{"template_type", "status", "reference", "older_than", "include_jobs"}, name) {
			refuse(w, 400, "ValidationError", "Additional properties are not allowed ("+name+" was unexpected)")
			return
		}
	}
	older := query.Get("older_than")
	if query.Has("older_than") && !isUUID(older) {
		refuse(w, 400, "ValidationError", "older_than is not a valid UUID")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from := len(s.taken)
	if older != "" {
		from = s.byID[older] // where it is not known, that gives an empty page, as Notify does
	}
	page := []any{}
	links := map[string]string{"current": s.URL + r.URL.RequestURI()}
	for i := from - 1; i >= 0 && len(page) < pageSize; i-- { // the newest first
		n := s.taken[i]
		status := s.status(n, now)
		if !matches(query["template_type"], n.Type) || !matches(query["reference"], n.Reference) || !matches(query["status"], status) {
			continue
		}
		page = append(page, s.describe(n, now))
		next := url.Values{"older_than": {n.ID}}
		links["next"] = s.URL + "/v2/notifications?" + next.Encode()
	}
	answer(w, http.StatusOK, map[string]any{"notifications": page, "links": links})
}

func matches(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

// describe is all that Notify tells of n, which is more than anybody should keep.
func (s *Server) describe(n *Notification, now time.Time) map[string]any {
	status := s.status(n, now)
	told := map[string]any{"id": n.ID, "reference": orNull(n.Reference), "type": n.Type, "status": status,
		"email_address": nil, "phone_number": nil, "line_1": nil, "postage": nil, "subject": nil, "body": n.Body,
		"template": s.templateOf(n), "created_at": stamp(n.CreatedAt), "created_by_name": nil, "sent_at": nil, "completed_at": nil, "scheduled_for": nil}
	switch n.Type {
	case "sms":
		told["phone_number"] = n.To
	case "email":
		told["email_address"], told["subject"] = n.To, n.Subject
	case "letter":
		told["line_1"], told["postage"] = "Provided as PDF", n.Postage
	}
	if status != "created" && status != "pending-virus-check" {
		told["sent_at"] = stamp(n.CreatedAt.Add(s.options.DeliverAfter / 2))
	}
	if final(status) {
		told["completed_at"] = stamp(n.CreatedAt.Add(s.options.DeliverAfter))
	}
	return told
}

// templateOf is the template that a message was made with.
func (s *Server) templateOf(n *Notification) map[string]any {
	id := map[string]string{"sms": TextTemplateID, "email": EmailTemplateID, "letter": ServiceID}[n.Type]
	return map[string]any{"id": id, "version": 1, "uri": s.URL + "/v2/template/" + id}
}

func (s *Server) template(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	template, ok := s.templates[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		refuse(w, 404, "NoResultFound", "No result found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"id": r.PathValue("id"), "name": "Doorstep", "type": template.Type, "version": 1,
		"subject": orNull(template.Subject), "body": template.Body, "created_at": stamp(s.options.Now()), "updated_at": nil,
		"created_by": "operations@example.org", "letter_contact_block": nil, "postage": nil})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
