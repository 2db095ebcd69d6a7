package govuk

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"example.org/doorstep/notify"
)

// Letters hands finished letters over to be printed and posted.
type Letters struct {
	*service
}

// NewLetters checks the settings. It does not connect yet.
func NewLetters(settings Settings) (*Letters, error) {
	service, err := newService(settings)
	if err != nil {
		return nil, err
	}
	return &Letters{service}, nil
}

// The classes of post. Without one it is second.
const (
	FirstClass  = "first"
	SecondClass = "second"
	Economy     = "economy"
)

// longestLetter is what Notify takes, in bytes; it also takes ten pages at most.
const longestLetter = 2 << 20

// isReference keeps words out: Notify shows references to whoever looks at the
// service, and wants nothing personal in them.
var isReference = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`).MatchString

// Send hands over one letter and returns Notify's id for it. reference is the
// letter's own, without anything personal: it says for ever which letter is meant.
// Send asks for it first, each time, and where a letter with it is printed, or may
// yet be, that one's id is returned and nothing is handed over. Only one that Notify
// has refused or cancelled may be sent again. That holds for as long as Notify keeps
// its records, seven days unless the service's settings say otherwise.
func (l *Letters) Send(ctx context.Context, reference string, pdf []byte, postage string) (id string, outcome notify.Outcome) {
	switch {
	case !isReference(reference):
		return "", refusedLetter("the letter's reference may have letters, digits and . _ : - only, and 100 of them at most")
	case !bytes.HasPrefix(pdf, []byte("%PDF-")):
		return "", refusedLetter("the letter is not a PDF")
	case len(pdf) > longestLetter:
		return "", refusedLetter(fmt.Sprintf("the letter has %d bytes: GOV.UK Notify takes %d at most", len(pdf), longestLetter))
	case postage != "" && postage != FirstClass && postage != SecondClass && postage != Economy:
		return "", refusedLetter("the letter's postage must be first, second or economy")
	}
	t := thing{kind: "letter", now: l.now()}
	id, fail := l.alreadyTaken(ctx, reference)
	if fail != nil {
		return "", fail.outcome(t)
	}
	if id == "" {
		t.post = true
		id, fail = l.handOver(ctx, reference, pdf, postage)
	}
	if fail != nil {
		return "", fail.outcome(t)
	}
	return id, notify.Outcome{State: notify.Sent, ProviderID: id, Tracked: true}
}

func refusedLetter(reason string) notify.Outcome {
	return notify.Outcome{State: notify.Failed, Fault: notify.FaultContent, Reason: reason}
}

func (l *Letters) handOver(ctx context.Context, reference string, pdf []byte, postage string) (id string, fail *failure) {
	letter := struct {
		Reference string `json:"reference"`
		Content   []byte `json:"content"` // in base64
		Postage   string `json:"postage,omitempty"`
	}{reference, pdf, postage}
	var taken struct {
		ID string `json:"id"`
	}
	fail = l.post(ctx, "/v2/notifications/letter", letter, &taken)
	if fail == nil && !isUUID(taken.ID) {
		fail = &failure{status: 201, unreadable: true}
	}
	return taken.ID, fail
}

// alreadyTaken returns the id of the letter with this reference that must not be
// printed twice, or none.
func (l *Letters) alreadyTaken(ctx context.Context, reference string) (id string, fail *failure) {
	var page notifications
	if fail := l.get(ctx, "/v2/notifications", url.Values{"template_type": {"letter"}, "reference": {reference}}, &page); fail != nil {
		return "", fail
	}
	for _, n := range page.Notifications {
		if n.Reference == reference && !letterStatuses[n.Status].refused {
			return n.ID, nil
		}
	}
	return "", nil
}

// LetterStatus is how a letter stands at Notify.
type LetterStatus struct {
	ID        string
	Reference string
	Status    string    // Notify's own name for it
	Words     string    // what it means and, where somebody has to act, what to do
	Final     bool      // nothing comes after it
	Failed    bool      // it is not on its way, and somebody has to look
	At        time.Time // when it came so far
}

// letterStatuses is what Notify's statuses of letters mean. Its API does not say
// why a validation failed; its pages do.
var letterStatuses = map[string]struct {
	words                  string
	final, failed, refused bool // refused: it was never on its way to the printers
}{
	"pending-virus-check": {words: "being checked for viruses"},
	"created":             {words: "accepted, to be printed"},
	"sending":             {words: "accepted, to be printed"},
	"accepted":            {words: "accepted, to be printed"},
	"received":            {words: "printed and posted", final: true},
	"delivered":           {words: "printed and posted", final: true},
	"cancelled":           {"cancelled at GOV.UK Notify: it will not be posted", true, true, true},
	"virus-scan-failed":   {"GOV.UK Notify found what may be a virus in it: make the letter again on a clean machine", true, true, true},
	"validation-failed": {"GOV.UK Notify refuses its layout: something stands outside the area that can be printed, the last line of the " +
		"address is no UK postcode or country, or it has more than ten pages. The letter's page at GOV.UK Notify shows which: correct it and send it again", true, true, true},
	"technical-failure": {"trouble between GOV.UK Notify and the printers, which Notify sees to itself: do not send it again", false, true, false},
	"permanent-failure": {"the printers cannot print it, and it will not be posted: print and post it by hand", true, true, false},
}

// Status asks how letters stand, by Notify's ids. Those that Notify knows nothing
// of are left out. unanswered are those that cannot be read, which hold up no other,
// or that were not asked about; then there is an error as well.
func (l *Letters) Status(ctx context.Context, ids []string) (letters []LetterStatus, unanswered []string, err error) {
	learned := l.standing(ctx, "letter", ids)
	for _, n := range learned.found {
		s := letterStatuses[n.Status]
		if s.words == "" {
			s.words = "in a state that Doorstep does not know: see the letter's page at GOV.UK Notify"
		}
		letters = append(letters, LetterStatus{ID: n.ID, Reference: n.Reference, Status: n.Status, Words: s.words,
			Final: s.final, Failed: s.failed, At: n.at()})
	}
	return letters, append(learned.vain, learned.unasked...), learned.problem()
}
