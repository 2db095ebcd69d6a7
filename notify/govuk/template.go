package govuk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"example.org/doorstep/notify"
)

var placeholder = regexp.MustCompile(`\(\(([^()]+)\)\)`)

// Check asks Notify for the template, which tries the address, the key and the
// clock as well, and looks whether it is as Doorstep needs it. It sends nothing: it
// is for "check --online".
func (c *Channel) Check(ctx context.Context) error {
	var template struct {
		Type    string `json:"type"`
		Subject string `json:"subject"`
		Body    string `json:"body"`
	}
	if fail := c.get(ctx, "/v2/template/"+c.template, nil, &template); fail != nil {
		if fail.status == 404 && len(fail.errors) > 0 {
			return errors.New("GOV.UK Notify knows no template with this id in this service: copy the id from the template's page there")
		}
		return fail
	}
	found := make(map[string]bool)
	for _, match := range placeholder.FindAllStringSubmatch(template.Subject+"\n"+template.Body, -1) {
		name := strings.ToLower(strings.TrimSpace(match[1]))
		found[name] = true
		if name != "message" && (c.kind == notify.BySMS || name != "subject") {
			return fmt.Errorf("%s; it has ((%s)), for which Doorstep has nothing", templateWords(c.kind), name)
		}
	}
	fits := template.Type == c.kind && found["message"]
	if c.kind == notify.BySMS {
		fits = fits && strings.EqualFold(strings.TrimSpace(template.Body), "((message))")
	} else {
		fits = fits && found["subject"]
	}
	if !fits {
		return errors.New(templateWords(c.kind))
	}
	return nil
}
