package govuktest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Notification is one message or letter that the server took.
type Notification struct {
	ID        string
	Type      string // sms, email or letter
	Reference string
	To        string // the number or address; empty for letters
	Subject   string // of an email
	Body      string // what is read: the template with its places filled
	PDF       []byte // of a letter
	Postage   string
	CreatedAt time.Time
	Status    string // as Notify names it

	set string // a status that a test has set
}

// request is the body of every POST. Notify refuses what it does not know.
type request struct {
	PhoneNumber     *string            `json:"phone_number"`
	EmailAddress    *string            `json:"email_address"`
	TemplateID      *string            `json:"template_id"`
	Personalisation map[string]*string `json:"personalisation"`
	Reference       *string            `json:"reference"`
	Content         *string            `json:"content"`
	Postage         *string            `json:"postage"`
}

var fields = map[string][]string{
	"sms":    {"phone_number", "template_id", "personalisation", "reference", "sms_sender_id", "scheduled_for"},
	"email":  {"email_address", "template_id", "personalisation", "reference", "email_reply_to_id", "one_click_unsubscribe_url", "sanitise_content_for", "scheduled_for"},
	"letter": {"reference", "content", "postage"},
}

var required = map[string][]string{
	"sms":    {"phone_number", "template_id"},
	"email":  {"email_address", "template_id"},
	"letter": {"reference", "content"},
}

// complaint is an answer that says no.
type complaint struct {
	status        int
	name, message string
}

func invalid(message string) *complaint    { return &complaint{400, "ValidationError", message} }
func badRequest(message string) *complaint { return &complaint{400, "BadRequestError", message} }

// send takes what is handed over, or says why not, in Notify's own order: limits,
// form, template, recipient.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	kind, now := r.PathValue("kind"), s.options.Now()
	if fields[kind] == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender went away
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := s.overLimit(kind, now)
	var n *Notification
	if refused == nil {
		n, refused = s.accept(kind, body, now)
	}
	if refused != nil {
		refuse(w, refused.status, refused.name, refused.message)
		return
	}
	s.keep(n)
	if kind == "letter" {
		answer(w, http.StatusCreated, map[string]any{"id": n.ID, "reference": n.Reference, "postage": n.Postage})
		return
	}
	content := map[string]any{"body": n.Body, "from_number": "GOVUK"}
	if kind == "email" {
		content = map[string]any{"subject": n.Subject, "body": n.Body, "from_email": "doorstep@notifications.example.org"}
	}
	answer(w, http.StatusCreated, map[string]any{"id": n.ID, "reference": orNull(n.Reference), "content": content,
		"uri": s.URL + "/v2/notifications/" + n.ID, "template": s.templateOf(n), "scheduled_for": nil})
}

// AddMessages has the server take messages to one recipient as if somebody had sent them by
// another way, and returns their ids, the oldest first.
func (s *Server) AddMessages(count int, kind, to string) []string {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]string, count)
	for i := range ids {
		n := &Notification{ID: newID(), Type: kind, To: to, Body: "words", CreatedAt: now}
		s.keep(n)
		ids[i] = n.ID
	}
	return ids
}

func (s *Server) keep(n *Notification) {
	s.count++
	s.today[n.Type]++
	if n.Type == "sms" && !british(n.To) {
		s.today[abroad]++
	}
	if !s.options.Forgetful {
		s.byID[n.ID] = len(s.taken)
		s.taken = append(s.taken, n)
	}
}

// accept makes a notification of a request that is as it should be.
func (s *Server) accept(kind string, body []byte, now time.Time) (*Notification, *complaint) {
	asked, refused := parse(kind, body)
	if refused != nil {
		return nil, refused
	}
	n := &Notification{ID: newID(), Type: kind, CreatedAt: now}
	if asked.Reference != nil {
		n.Reference = *asked.Reference
	}
	if kind == "letter" {
		return n, s.letter(n, asked)
	}
	if refused := s.fill(n, asked); refused != nil {
		return nil, refused
	}
	return n, s.address(n, asked)
}

// parse checks the form of a request.
func parse(kind string, body []byte) (asked request, refused *complaint) {
	var given map[string]json.RawMessage
	if json.Unmarshal(body, &given) != nil {
		return asked, badRequest("Invalid JSON supplied in POST data")
	}
	for _, field := range required[kind] {
		if _, ok := given[field]; !ok {
			return asked, invalid(field + " is a required property")
		}
	}
	for field := range given {
		if !slices.Contains(fields[kind], field) {
			return asked, invalid("Additional properties are not allowed (" + field + " was unexpected)")
		}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		if wrong, ok := err.(*json.UnmarshalTypeError); ok {
			return asked, invalid(wrong.Field + " " + string(given[strings.Split(wrong.Field, ".")[0]]) + " is not of type string")
		}
		return asked, badRequest("Invalid JSON supplied in POST data")
	}
	switch {
	case asked.TemplateID != nil && !isUUID(*asked.TemplateID):
		return asked, invalid("template_id is not a valid UUID")
	case asked.Reference != nil && len(*asked.Reference) > 1000:
		return asked, invalid("reference " + *asked.Reference + " is too long")
	case asked.Postage != nil && !slices.Contains([]string{"first", "second", "economy"}, *asked.Postage):
		return asked, invalid("postage invalid. It must be either first, second or economy.")
	}
	return asked, nil
}

var (
	isUUID      = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`).MatchString
	placeholder = regexp.MustCompile(`\(\(([^()]+)\)\)`)
)

// fill puts the personalisation into the template.
func (s *Server) fill(n *Notification, asked request) *complaint {
	template, ok := s.templates[*asked.TemplateID]
	switch {
	case !ok:
		return badRequest("Template not found")
	case template.Type != n.Type:
		return badRequest(template.Type + " template is not suitable for " + n.Type + " notification")
	case template.Deleted:
		return badRequest("Template has been deleted")
	}
	var missing []string
	put := func(text string) string {
		return placeholder.ReplaceAllStringFunc(text, func(place string) string {
			name := strings.Trim(place, "()")
			value := asked.Personalisation[name]
			if value == nil {
				missing = append(missing, name)
				return place
			}
			return *value
		})
	}
	n.Subject, n.Body = put(template.Subject), strings.TrimSpace(put(template.Body))
	switch {
	case missing != nil:
		return badRequest("Missing personalisation: " + strings.Join(missing, ", "))
	case n.Body == "":
		return badRequest("Your message is empty.")
	case n.Type == "sms" && len([]rune(n.Body)) > 918:
		return badRequest("Your message is too long. Text messages cannot be longer than 918 characters. Your message is longer.")
	case n.Type == "email" && len(n.Body) > 2_000_000:
		return badRequest("Your message is too long. Emails cannot be longer than 2000000 bytes. Your message is longer.")
	}
	return nil
}

// address checks the recipient.
func (s *Server) address(n *Notification, asked request) *complaint {
	if n.Type == "email" {
		n.To = *asked.EmailAddress
		if parsed, err := mail.ParseAddress(n.To); err != nil || parsed.Address != n.To || !strings.Contains(n.To[strings.IndexByte(n.To, '@'):], ".") {
			return invalid("email_address Not a valid email address")
		}
	} else {
		n.To = *asked.PhoneNumber
		if wrong := wrongNumber(n.To); wrong != "" {
			return invalid("phone_number " + wrong)
		}
	}
	if !slices.Contains(s.options.Team, n.To) {
		switch {
		case s.options.TeamOnly:
			return badRequest("Can’t send to this recipient using a team-only API key")
		case s.options.Trial:
			return badRequest("Can’t send to this recipient when service is in trial mode – see https://www.notifications.service.gov.uk/trial-mode")
		}
	}
	if n.Type == "email" || british(n.To) {
		return nil
	}
	if !s.options.Abroad {
		return badRequest("Cannot send to international mobile numbers")
	}
	if most := s.options.AbroadPerDay; most > 0 && s.today[abroad] >= most {
		return overDay(abroad, most)
	}
	return nil
}

// abroad is what Notify calls its limit of texts to other countries.
const abroad = "international_sms"

func british(number string) bool { return strings.HasPrefix(number, "+44") }

// wrongNumber is what Notify says of a number that nobody can be texted at.
func wrongNumber(number string) string {
	switch digits := strings.TrimPrefix(number, "+"); {
	case strings.Trim(digits, "0123456789") != "":
		return "Must not contain letters or symbols"
	case british(number) && len(digits) < 12 || len(digits) < 8:
		return "Not enough digits"
	case british(number) && len(digits) > 12 || len(digits) > 15:
		return "Too many digits"
	case british(number) && digits[2] != '7':
		return "Not a UK mobile number"
	}
	return ""
}

// letter takes a precompiled letter.
func (s *Server) letter(n *Notification, asked request) *complaint {
	pdf, err := base64.StdEncoding.DecodeString(*asked.Content)
	switch {
	case s.options.TeamOnly:
		return &complaint{403, "BadRequestError", "Cannot send letters with a team api key"}
	case s.options.Trial:
		return &complaint{403, "BadRequestError", "Cannot send letters when service is in trial mode"}
	case err != nil:
		return badRequest("Cannot decode letter content (invalid base64 encoding)")
	case !bytes.HasPrefix(pdf, []byte("%PDF-")):
		return badRequest("Letter content is not a valid PDF")
	case len(pdf) > 2<<20:
		return &complaint{413, "RequestEntityTooLarge", "File is larger than 2MB"}
	}
	n.PDF, n.Postage = pdf, "second"
	if asked.Postage != nil {
		n.Postage = *asked.Postage
	}
	return nil
}
