package twiliotest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is one page of a list, as Twilio shows it.
type page struct {
	FirstPageURI    string     `json:"first_page_uri"`
	End             int        `json:"end"`
	PreviousPageURI *string    `json:"previous_page_uri"`
	Messages        []resource `json:"messages"`
	URI             string     `json:"uri"`
	PageSize        int        `json:"page_size"`
	Start           int        `json:"start"`
	NextPageURI     *string    `json:"next_page_uri"`
	Page            int        `json:"page"`
}

// list shows texts, the newest first (GET Messages.json). A text that was not
// sent yet has no DateSent, so that no filter by it finds one.
func (s *Server) list(r *http.Request, _ *Fault) answer {
	query := r.URL.Query()
	size, number := 50, 0
	for name, value := range map[string]*int{"PageSize": &size, "Page": &number} {
		if given := query.Get(name); given != "" {
			n, err := strconv.Atoi(given)
			if err != nil || n < 0 {
				return refusal(20001, r)
			}
			*value = n
		}
	}
	size = min(max(size, 1), 1000)
	matches, err := filter(query)
	if err != nil {
		return refusal(20001, r)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	candidates := s.messages
	if to := query.Get("To"); to != "" {
		candidates = s.byTo[to]
	}
	// A page starts below the last text of the page before, so that texts which
	// came meanwhile move nothing.
	_, below, _ := strings.Cut(query.Get("PageToken"), "PA")
	p := page{Page: number, PageSize: size, Start: number * size, Messages: []resource{}}
	more := false
	for _, m := range slices.Backward(candidates) {
		s.passTime(m, now)
		if below != "" && m.SID >= below || !matches(m) {
			continue
		}
		if more = len(p.Messages) == size; more {
			break
		}
		p.Messages = append(p.Messages, s.show(m))
	}
	p.End = p.Start + max(len(p.Messages)-1, 0)
	address := func(number int, token string) string {
		q := url.Values{}
		for name, values := range query {
			q[name] = values
		}
		q.Set("PageSize", strconv.Itoa(size))
		q.Set("Page", strconv.Itoa(number))
		q.Del("PageToken")
		if token != "" {
			q.Set("PageToken", token)
		}
		return r.URL.Path + "?" + q.Encode()
	}
	p.URI, p.FirstPageURI = address(number, query.Get("PageToken")), address(0, "")
	if more {
		next := address(number+1, "PA"+p.Messages[size-1].SID)
		p.NextPageURI = &next
	}
	return answer{status: http.StatusOK, body: p}
}

// filter reads From, and DateSent with its two inequalities, which are written
// DateSent>=... and so come as a name that ends in ">" or "<".
func filter(query url.Values) (func(*Message) bool, error) {
	type bound struct {
		name     string
		from, to time.Time // the first instant of it, and the first after it
	}
	var bounds []bound
	for _, name := range []string{"DateSent", "DateSent>", "DateSent<"} {
		if given := query.Get(name); given != "" {
			b := bound{name: name}
			var err error
			if b.from, err = time.Parse(time.DateOnly, given); err == nil {
				b.to = b.from.AddDate(0, 0, 1)
			} else if b.from, err = time.Parse(time.RFC3339, given); err == nil {
				b.to = b.from.Add(time.Second)
			} else {
				return nil, fmt.Errorf("%s is no date", name)
			}
			bounds = append(bounds, b)
		}
	}
	from := query.Get("From")
	return func(m *Message) bool {
		for _, b := range bounds {
			early, late := m.Sent.Before(b.from), !m.Sent.Before(b.to)
			if m.Sent.IsZero() || early && b.name != "DateSent<" || late && b.name != "DateSent>" {
				return false
			}
		}
		return from == "" || m.From == from
	}, nil
}
