package main

import (
	"context"
	"log/slog"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/web"
)

// channels are the ways that messages go, as configured.
type channels struct {
	composer *notify.Composer
	senders  map[string]scheduler.Sender // by channel
	calls    []web.ProviderCall          // what providers may tell by themselves
}

// providersMinute is a minute as a provider counts it, and a little more: an email
// that first has to connect and sign in comes later than its turn, and so nearer to
// the one that follows a minute after it.
const providersMinute = 61 * time.Second

// openChannels opens the configured channels. None connects yet.
func (s *setup) openChannels() (*channels, error) {
	composer, err := s.composer()
	if err != nil {
		return nil, err
	}
	c := &channels{composer: composer, senders: map[string]scheduler.Sender{}}
	if err := s.openEmail(c); err != nil {
		return nil, badInput{err}
	}
	if err := s.openTexts(c); err != nil {
		return nil, badInput{err}
	}
	return c, nil
}

func (s *setup) openEmail(c *channels) error {
	email := &s.config.Email
	sender := scheduler.Sender{Connections: 1, PerSecond: float64(email.PerMinute) / providersMinute.Seconds(), ReceiptsComeIn: email.Receipts == configs.Callback}
	switch email.Via {
	case configs.ViaSMTP:
		channel, err := notify.NewSMTP(c.composer, s.smtpSettings())
		if err != nil {
			return err
		}
		sender.Channel, sender.Connections = channel, email.SMTP.Connections
	case configs.ViaNotify:
		channel, err := govuk.New(c.composer, s.notifySettings(&email.Notify, notify.ByEmail))
		if err != nil {
			return err
		}
		sender.Channel, sender.Connections = channel, s.config.Delivery.Workers
		if email.Receipts == configs.Callback {
			c.calls = append(c.calls, web.ProviderCall{Path: notifyEmailPath, Channel: notify.ByEmail, Receipts: channel.StatusCallback})
		}
	default:
		sender.Channel = notify.NewOutbox(s.config.Outbox, c.composer)
	}
	c.senders[pathway.ChannelEmail] = sender
	return nil
}

func (s *setup) openTexts(c *channels) error {
	sms := &s.config.SMS
	sender := scheduler.Sender{Connections: s.config.Delivery.Workers, PerSecond: float64(sms.PerSecond),
		ReceiptsComeIn: sms.Receipts == configs.Callback, TextsComeIn: sms.Replies == configs.Callback}
	switch sms.Via {
	case configs.ViaTwilio:
		channel, err := twilio.New(c.composer, s.twilioSettings())
		if err != nil {
			return err
		}
		sender.Channel = channel
		c.hear(sms, web.ProviderCall{Path: twilioStatusPath, Channel: notify.BySMS, Receipts: channel.StatusCallback},
			web.ProviderCall{Path: twilioTextPath, Channel: notify.BySMS, Received: channel.InboundCallback})
	case configs.ViaNotify:
		channel, err := govuk.New(c.composer, s.notifySettings(&sms.Notify, notify.BySMS))
		if err != nil {
			return err
		}
		sender.Channel = channel
		c.hear(sms, web.ProviderCall{Path: notifyStatusPath, Channel: notify.BySMS, Receipts: channel.StatusCallback},
			web.ProviderCall{Path: notifyTextPath, Channel: notify.BySMS, Received: channel.InboundCallback})
	default:
		sender = scheduler.Sender{Channel: notify.NewOutbox(s.config.Outbox, c.composer), Connections: 1, PerSecond: sender.PerSecond}
	}
	c.senders[pathway.ChannelSMS] = sender
	return nil
}

func (s *setup) smtpSettings() notify.SMTPSettings {
	smtp := s.config.Email.SMTP
	settings := notify.SMTPSettings{
		Host: smtp.Host, Port: smtp.Port, TLS: smtp.TLS, CAFile: smtp.CAFile,
		Username: smtp.Username, Password: smtp.Password.Reveal(),
		Connections: smtp.Connections, Timeout: smtp.Timeout,
	}
	if o := &smtp.OAuth2; o.IsSet() {
		settings.OAuth2 = &notify.OAuth2{TokenURL: o.TokenURL, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Scope: o.Scope}
	}
	return settings
}

func (s *setup) twilioSettings() twilio.Settings {
	t := &s.config.SMS.Twilio
	settings := twilio.Settings{
		AccountSID: t.AccountSID, AuthToken: t.AuthToken.Reveal(), From: t.From, MessagingServiceSID: t.MessagingServiceSID,
		BaseURL: t.BaseURL, Connections: s.config.Delivery.Workers,
	}
	if s.config.SMS.Receipts == configs.Callback {
		settings.StatusCallback = s.config.PublicURL + twilioStatusPath
	}
	if s.config.SMS.Replies == configs.Callback {
		settings.PublicURL = s.config.PublicURL
	}
	return settings
}

func (s *setup) notifySettings(n *configs.Notify, channel string) govuk.Settings {
	return govuk.Settings{APIKey: n.APIKey.Reveal(), TemplateID: n.TemplateID, BaseURL: n.BaseURL, Channel: channel,
		CallbackToken: n.CallbackToken.Reveal(), Connections: s.config.Delivery.Workers}
}

// close lets go of every connection.
func (c *channels) close(ctx context.Context, log *slog.Logger) {
	for name, sender := range c.senders {
		if err := sender.Channel.Close(ctx); err != nil {
			log.Warn("cannot close a channel", "channel", name, "error", err)
		}
	}
}

func (v *service) openChannels(context.Context) (err error) {
	v.channels, err = v.setup.openChannels()
	return err
}

func (v *service) closeChannels(ctx context.Context) error {
	v.channels.close(ctx, v.log)
	return nil
}
