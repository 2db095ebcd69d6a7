package govuktest

import (
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// authorised lets in whoever shows a token that Notify would take.
func (s *Server) authorised(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if token == "" {
			refuse(w, 401, "AuthError", "Unauthorized: authentication token must be provided")
			return
		}
		if !strings.EqualFold(scheme, "Bearer") {
			refuse(w, 401, "AuthError", "Unauthorized: authentication bearer scheme must be used")
			return
		}
		if complaint := s.checkToken(token); complaint != "" {
			refuse(w, 403, "AuthError", complaint)
			return
		}
		next(w, r)
	}
}

func (s *Server) checkToken(token string) (complaint string) {
	var claims jwt.RegisteredClaims
	parser := jwt.NewParser(jwt.WithoutClaimsValidation()) // the clock is this server's own
	parsed, _, err := parser.ParseUnverified(token, &claims)
	switch {
	case err != nil:
		return "Invalid token: make sure your API token matches the example at https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
	case parsed.Method.Alg() != "HS256":
		return "Invalid token: algorithm used is not HS256"
	case claims.Issuer == "":
		return "Invalid token: iss field not provided"
	case claims.Issuer != ServiceID:
		return "Invalid token: service not found"
	}
	if _, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return []byte(secret), nil }); err != nil {
		return "Invalid token: API key not found"
	}
	if claims.IssuedAt == nil || s.options.Now().Sub(claims.IssuedAt.Time).Abs() > 30*time.Second {
		return "Error: Your system clock must be accurate to within 30 seconds"
	}
	return ""
}
