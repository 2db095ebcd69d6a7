// Package signin says whether somebody is who they say they are: by an OpenID Connect
// provider, or by passwords and how often they may be tried. It promises that what comes
// back from a provider counts only where all of it fits (signature, issuer, audience,
// end, nonce, state, code and verifier); that a password is kept only as an argon2id
// hash, that trying is slowed and then stopped by account and by address, and that
// whether there is an account cannot be told from how long an answer takes. It keeps
// nothing and reads no clock.
package signin
