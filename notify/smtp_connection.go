package notify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// connection is one open connection to the mail server.
//
// go-mail makes and ends it: greeting, STARTTLS, authentication, RSET, QUIT. A
// message is taken through its steps here and not by go-mail's Client.Send, for
// two reasons. It leaves no doubt about how far the message got: Send reports an
// accepted message as failed when the RSET after it fails, and calls a lost
// connection permanent. And it waits for the server twice and not four to seven
// times, where the server lets commands follow each other (RFC 2920).
type connection struct {
	raw      net.Conn // below TLS: closing it ends whatever waits on it
	client   *smtp.Client
	timeout  time.Duration
	answer   time.Duration // how long the server may take to answer the closing dot
	pipeline bool          // the server takes several commands at once
	unusable bool          // nothing more can be said on it
	expiry   *time.Timer   // runs while the connection is idle
	doubts   *doubts       // of all connections to this server
}

// quitTimeout bounds a goodbye: nothing depends on its answer.
const quitTimeout = 2 * time.Second

// answerTimeout is how long a server may look at a message before it answers (RFC
// 5321, 4.5.3.2.6). Who hangs up earlier is sent the same message again and again by
// a server that has taken it each time.
const answerTimeout = 10 * time.Minute

// implicitTLSPort is where servers expect TLS from the first byte on.
const implicitTLSPort = 465

// dial opens a connection that is ready for a first message.
func (s *SMTP) dial(ctx context.Context) (*connection, *failure) {
	if s.tokens == nil {
		return s.dialWith(ctx, s.settings.Password)
	}
	for again := false; ; again = true {
		token, fail := s.tokens.get(ctx)
		if fail != nil {
			return nil, fail
		}
		conn, fail := s.dialWith(ctx, token.value)
		if fail == nil {
			token.worked.Store(true)
			return conn, nil
		}
		fail.token = token.value
		if !isSignIn(fail.code) {
			return nil, fail
		}
		// What the application may do stands in the token: a new one may know of more.
		token.refused.Store(true)
		if again || !token.worked.Load() {
			return nil, fail
		}
	}
}

// dialWith signs in with a password or, where there are tokens, with one of them.
func (s *SMTP) dialWith(ctx context.Context, secret string) (*connection, *failure) {
	conn := &connection{doubts: s.doubts, timeout: s.settings.Timeout, answer: max(s.answerTimeout, s.settings.Timeout)}
	stop := func() bool { return true }
	maker, err := mail.NewClient(s.settings.Host, append(s.options(secret),
		mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			raw, err := new(net.Dialer).DialContext(dialing, network, address)
			if err != nil {
				return nil, err
			}
			raw = &patientConn{Conn: raw, pause: s.settings.Timeout}
			// To go-mail a context covers dialling only: greeting and handshake need this.
			conn.raw = raw
			stop = context.AfterFunc(ctx, func() { raw.Close() })
			if s.implicitTLS {
				return tls.Client(raw, s.tls), nil
			}
			return raw, nil
		}))...)
	if err != nil {
		return nil, &failure{stage: connecting, err: err}
	}
	conn.client, err = maker.DialToSMTPClientWithContext(ctx)
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.drop()
		return nil, newFailure(connecting, err)
	}
	conn.pipeline, _ = conn.client.Extension("PIPELINING")
	return conn, nil
}

func (s *SMTP) options(secret string) []mail.Option {
	policy := mail.TLSMandatory
	switch {
	case s.implicitTLS, s.settings.TLS == TLSNone:
		policy = mail.NoTLS
	case s.settings.TLS == TLSOpportunistic:
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{
		mail.WithPort(s.settings.Port),
		mail.WithTimeout(s.settings.Timeout),
		mail.WithTLSConfig(s.tls),
		mail.WithTLSPolicy(policy),
		mail.WithHELO(s.composer.domain()), // and not this machine's name
		mail.WithoutSMTPUTF8(),             // addresses are ASCII, so no server on the way need know it
	}
	if s.settings.Username == "" {
		return options
	}
	options = append(options, mail.WithUsername(s.settings.Username), mail.WithPassword(secret))
	if s.tokens != nil {
		return append(options, mail.WithSMTPAuth(mail.SMTPAuthXOAUTH2))
	}
	return append(options, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
}

// deliver takes one message through its steps. content is as forWire gives it.
func (c *connection) deliver(ctx context.Context, from, to string, content []byte) *failure {
	stop := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer func() { c.unusable = !stop() || c.unusable }()
	if err := c.client.UpdateDeadline(c.timeout); err != nil {
		return newFailure(sender, err)
	}
	if fail := c.announce(from, to); fail != nil {
		return fail
	}
	defer c.doubts.begin()()
	text := c.client.Text
	text.W.Write(content) // an error stays until Flush
	if err := text.W.Flush(); err != nil {
		return newFailure(handingOver, err)
	}
	if err := c.client.UpdateDeadline(c.answer); err != nil {
		return newFailure(handingOver, err)
	}
	if err := readAnswer(text, 2); err != nil {
		return newFailure(handingOver, err)
	}
	return nil
}

// readAnswer reads an answer to a command, of any number of lines, and makes an error of
// one whose code begins with another digit. Unlike textproto's it takes a code without
// words, as clients must (RFC 5321, 4.2): an email would go again that was taken.
func readAnswer(text *textproto.Conn, want int) error {
	var words []string
	for {
		line, err := text.ReadLine()
		if err != nil {
			return err
		}
		code, err := strconv.Atoi(line[:min(len(line), 3)])
		if err != nil || code < 100 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
			return textproto.ProtocolError("this is no answer of a mail server's")
		}
		if len(line) > 4 && len(words) < mostAnswerLines {
			words = append(words, line[4:])
		}
		switch {
		case len(line) > 3 && line[3] == '-':
		case code/100 != want:
			return &textproto.Error{Code: code, Msg: strings.Join(words, "\n")}
		default:
			return nil
		}
	}
}

// mostAnswerLines is how much of an answer is kept.
const mostAnswerLines = 100

// forWire writes an email as it follows the answer to DATA: lines that begin with a dot
// get a second one, and a dot by itself closes it (RFC 5321, 4.5.2). textproto's writer
// looks at every byte, which takes as long as rendering the words; an email whose line
// ends are as they have to be is spared it.
func forWire(wire *bytes.Buffer, email []byte) {
	for rest := email; len(rest) > 0 || len(email) == 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 1 || rest[end-1] != '\r' {
			wire.Reset()
			w := textproto.NewWriter(bufio.NewWriter(wire))
			dots := w.DotWriter()
			dots.Write(email) // neither can fail: it goes to memory
			dots.Close()
			return
		}
		if rest[0] == '.' {
			wire.WriteByte('.')
		}
		wire.Write(rest[:end+1])
		rest = rest[end+1:]
	}
	wire.WriteString(".\r\n")
}

// announce gets the server ready for the content: MAIL, RCPT, DATA, all at once
// where it can take that.
func (c *connection) announce(from, to string) *failure {
	steps := []struct {
		stage   stage
		command string
		want    int // the reply code's first digit (RFC 5321, 4.3.2)
	}{
		{sender, "MAIL FROM:" + (&netmail.Address{Address: from}).String(), 2},
		{recipient, "RCPT TO:" + (&netmail.Address{Address: to}).String(), 2},
		{beforeData, "DATA", 3},
	}
	together := 1
	if c.pipeline {
		together = len(steps)
	}
	text := c.client.Text
	for group := range slices.Chunk(steps, together) {
		for _, step := range group {
			text.W.WriteString(step.command + "\r\n") // an error stays until Flush
		}
		if err := text.W.Flush(); err != nil {
			return newFailure(group[0].stage, err)
		}
		var fail *failure
		for _, step := range group { // each is answered, whatever became of those before
			err := readAnswer(text, step.want)
			switch {
			case fail == nil && err != nil:
				fail = newFailure(step.stage, err)
			case fail != nil && err == nil && step.stage == beforeData:
				c.unusable = true // the server waits for a content that must not come
			}
		}
		if fail != nil {
			return fail
		}
	}
	return nil
}

// reset clears a refused message away, so that the connection can carry the
// next; false means that the connection is no good.
func (c *connection) reset() bool {
	if c.unusable || c.client.UpdateDeadline(c.timeout) != nil {
		return false
	}
	text := c.client.Text
	text.W.WriteString("RSET\r\n") // an error stays until Flush
	return text.W.Flush() == nil && readAnswer(text, 2) == nil
}

// quit says goodbye.
func (c *connection) quit() {
	if c.client.UpdateDeadline(quitTimeout) == nil {
		c.client.Quit() // the server's answer changes nothing
	}
	c.drop()
}

// drop ends the connection at once.
func (c *connection) drop() {
	if c.raw != nil {
		c.raw.Close()
	}
}
