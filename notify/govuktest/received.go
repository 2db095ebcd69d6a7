package govuktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// received is a text that came in.
type received struct {
	id, from, words string
	at              time.Time
}

// ownNumber is where people text to.
const ownNumber = "07700900999"

// Text lets a text come in and returns its id. from is in E.164; Notify leaves the
// + out.
func (s *Server) Text(from, words string) string {
	text := received{newID(), strings.TrimPrefix(from, "+"), words, s.options.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = append(s.texts, text)
	return text.id
}

func (s *Server) listReceived(w http.ResponseWriter, r *http.Request) {
	older := r.URL.Query().Get("older_than")
	s.mu.Lock()
	defer s.mu.Unlock()
	from := len(s.texts)
	if older != "" {
		from = max(0, slices.IndexFunc(s.texts, func(t received) bool { return t.id == older }))
	}
	page := []any{}
	for i := from - 1; i >= 0 && len(page) < pageSize; i-- {
		t := s.texts[i]
		page = append(page, map[string]any{"id": t.id, "user_number": t.from, "notify_number": ownNumber, "service_id": ServiceID,
			"created_at": stamp(t.at), "content": t.words})
	}
	answer(w, http.StatusOK, map[string]any{"received_text_messages": page, "links": map[string]string{"current": s.URL + r.URL.RequestURI()}})
}

// Callbacks returns the requests that Notify would make by now and has not made
// yet: to statusURL for every text and email that has arrived or failed, and to
// receivedURL for every text that came in. An empty address leaves its kind out.
// A test makes them, and makes one again as Notify does when it is not answered
// with a 2xx.
func (s *Server) Callbacks(statusURL, receivedURL string) []*http.Request {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []*http.Request
	for _, n := range s.taken {
		status := s.status(n, now)
		if statusURL == "" || n.Type == "letter" || !final(status) || s.told[n.ID] {
			continue
		}
		s.told[n.ID] = true
		calls = append(calls, s.call(statusURL, map[string]any{"id": n.ID, "reference": orNull(n.Reference), "to": n.To, "status": status,
			"created_at": stamp(n.CreatedAt), "completed_at": stamp(n.CreatedAt.Add(s.options.DeliverAfter)),
			"sent_at": stamp(n.CreatedAt.Add(s.options.DeliverAfter / 2)), "notification_type": n.Type,
			"template_id": s.templateOf(n)["id"], "template_version": 1}))
	}
	for _, t := range s.texts {
		if receivedURL == "" || s.told[t.id] {
			continue
		}
		s.told[t.id] = true
		calls = append(calls, s.call(receivedURL, map[string]any{"id": t.id, "source_number": t.from, "destination_number": ownNumber,
			"message": t.words, "date_received": stamp(t.at)}))
	}
	return calls
}

func (s *Server) call(address string, body any) *http.Request {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings and numbers only
	}
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(content))
	if err != nil {
		panic("the address for callbacks is none: " + address)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.options.CallbackToken)
	return r
}
