package configs

import "time"

// The ways messages can go.
const (
	ViaFile   = "file"
	ViaSMTP   = "smtp"
	ViaNotify = "notify"
	ViaTwilio = "twilio"
	ViaPrint  = "print" // letters only
)

// How receipts and answering texts come in.
const (
	None     = "none" // answering texts only
	Poll     = "poll"
	Callback = "callback" // asked for less often beside it; once loaded, only where the provider can call public_url
)

// Email is how emails go.
type Email struct {
	Via       string `yaml:"via" choices:"file smtp notify"`
	From      string `yaml:"from"`
	PerMinute int    `yaml:"per_minute"` // at most so many emails; 0: no limit
	Receipts  string `yaml:"receipts" choices:"poll callback"`
	SMTP      SMTP   `yaml:"smtp"`
	Notify    Notify `yaml:"notify"`
}

// SMTP is the mail server.
type SMTP struct {
	Host        string        `yaml:"host"`
	Port        int           `yaml:"port"`
	TLS         string        `yaml:"tls" choices:"required opportunistic none"` // never empty once loaded
	CAFile      string        `yaml:"ca_file"`
	Username    string        `yaml:"username"`
	Password    Secret        `yaml:"password"`
	OAuth2      OAuth2        `yaml:"oauth2"`
	Connections int           `yaml:"connections"`
	Timeout     time.Duration `yaml:"timeout"`
}

// OAuth2 is how Doorstep signs in to a mail server without a password (client
// credentials, RFC 6749 section 4.4; XOAUTH2).
type OAuth2 struct {
	TokenURL     string `yaml:"token_url"`
	ClientID     string `yaml:"client_id"`
	ClientSecret Secret `yaml:"client_secret"`
	Scope        string `yaml:"scope"`
}

// IsSet reports whether Doorstep signs in this way. Then, once loaded, there are
// all parts, and a user name for them; the scope may be empty.
func (o *OAuth2) IsSet() bool { return o.ClientID != "" }

// SMS is how texts go, and how answers to them come in.
type SMS struct {
	Via          string `yaml:"via" choices:"file twilio notify"`
	PerSecond    int    `yaml:"per_second"`     // at most so many texts; 0: no limit
	PerPersonDay int    `yaml:"per_person_day"` // routine texts a day before they become emails; 0: no limit
	Receipts     string `yaml:"receipts" choices:"poll callback"`
	Replies      string `yaml:"replies" choices:"none poll callback"`
	Twilio       Twilio `yaml:"twilio"`
	Notify       Notify `yaml:"notify"`
}

// Twilio is an account there.
type Twilio struct {
	AccountSID          string `yaml:"account_sid"`
	AuthToken           Secret `yaml:"auth_token"`
	From                string `yaml:"from"` // once loaded E.164, a short code, or a sender's name
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	BaseURL             string `yaml:"base_url"`
}

// Notify is a service of GOV.UK Notify, for emails or texts.
type Notify struct {
	APIKey        Secret `yaml:"api_key"`
	TemplateID    string `yaml:"template_id"`
	CallbackToken Secret `yaml:"callback_token"` // the bearer token of its calls to us
	BaseURL       string `yaml:"base_url"`
}

// Letters is how letters go.
type Letters struct {
	Via     string        `yaml:"via" choices:"print notify"`
	Postage string        `yaml:"postage" choices:"first second economy"`
	Notify  NotifyLetters `yaml:"notify"`
}

// NotifyLetters is a service of GOV.UK Notify, for letters: they come as finished
// PDFs and need no template.
type NotifyLetters struct {
	APIKey  Secret `yaml:"api_key"`
	BaseURL string `yaml:"base_url"`
}
