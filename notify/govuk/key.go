package govuk

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// key is an API key of a Notify service.
type key struct {
	service string // its id
	secret  []byte
}

const uuid = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`

var (
	keyForm = regexp.MustCompile(`^\S(?:.*\S)?-(` + uuid + `)-(` + uuid + `)$`)
	isUUID  = regexp.MustCompile(`^` + uuid + `$`).MatchString
)

// errKey does not repeat the key.
var errKey = errors.New("the GOV.UK Notify API key is not in its form, {key name}-{service id}-{secret}, " +
	"where the last two each look like 26785a09-ab16-4eb0-8407-a37497a57506: copy it whole from API integration at Notify")

// parseKey reads an API key from its right end: the name may itself have hyphens.
func parseKey(s string) (key, error) {
	parts := keyForm.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return key{}, errKey
	}
	return key{service: parts[1], secret: []byte(parts[2])}, nil
}

// token signs one request. Notify takes it for 30 seconds.
func (k key) token(now time.Time) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:   k.service,
		IssuedAt: jwt.NewNumericDate(now),
	}).SignedString(k.secret)
}
