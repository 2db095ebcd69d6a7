package configs

import (
	"net/url"
	"time"
)

func (c *checker) pagesSignIn() {
	s := &c.SignIn
	if s.Idle < 5*time.Minute || s.Idle > time.Hour {
		c.fault("signin.idle", s.Idle, "%v: somebody who does nothing is signed out after 5m to 60m")
	}
	if s.Issuer == "" {
		if s.ClientID != "" || s.PersonClaim != "" || s.ClientSecret.IsSet() || s.Rights.IsSet() {
			c.fault("signin.issuer", s.Issuer, "is empty, and what else stands in signin needs it: write the provider's address, or take the rest out")
		}
		return
	}
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		c.fault("signin.issuer", s.Issuer, "%v is not the address of an OpenID Connect provider: write it in full, as in https://login.council.example")
	}
	if s.ClientID == "" {
		c.fault("signin.client_id", s.ClientID, "is empty: write what the provider calls Doorstep")
	}
	switch r := &s.Rights; {
	case r.Claim == "" && r.IsSet():
		c.fault("signin.rights.claim", r.Claim, "is empty: write by which claim the provider names somebody's groups, as in groups")
	case r.Claim != "" && len(r.Operates)+len(r.Audits) == 0:
		c.fault("signin.rights.claim", r.Claim, "%v gives nobody a right: write the groups of those who run the service into operates, and of those who look at who did what into audits")
	}
	if !c.given("public_url") && !c.PagesOnLoopback() {
		c.fault("public_url", c.PublicURL, "%v is the sample's: the sign-in service would send people back there; write the address by which people reach Doorstep")
	}
}
