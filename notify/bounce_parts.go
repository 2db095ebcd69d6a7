package notify

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"strings"
)

// Anybody can put anything into an email. These bound how much of it is looked at.
const (
	deepestPart  = 6
	mostParts    = 100
	mostText     = 64 << 10
	mostFields   = 1000
	longestField = 8 << 10
	mostWords    = 2 << 10
)

// notice is what an email about another email holds. It is taken apart here and not
// by github.com/jhillyerd/enmime/v2 (v2.3.0), which has no bound on parts or depth
// (100 KB of empty parts took it ten seconds), takes three times as long for a usual
// bounce, and brings 14 modules and 2.6 MB for 16 lines less.
type notice struct {
	header      textproto.MIMEHeader
	body        []byte
	recipients  []textproto.MIMEHeader // one for each recipient
	original    textproto.MIMEHeader   // of the email it is about
	text        []byte                 // what people read, without HTML's tags
	readReceipt bool                   // it tells that an email was read

	parts int
}

func readNotice(content []byte) *notice {
	n := &notice{}
	n.header, n.body = readFields(content)
	n.read(n.header, n.body, 0)
	return n
}

// read takes what counts out of one part and those within it.
func (n *notice) read(header textproto.MIMEHeader, body []byte, depth int) {
	if n.parts++; depth > deepestPart || n.parts > mostParts {
		return
	}
	kind, boundary := contentType(header)
	if boundary != "" && strings.HasPrefix(kind, "multipart/") {
		for n.parts < mostParts && body != nil {
			var part []byte
			part, body = cutPart(body, boundary)
			if part != nil {
				var header textproto.MIMEHeader
				if !bytes.HasPrefix(bytes.TrimPrefix(part, []byte("\r")), []byte("\n")) { // else it has none
					header, part = readFields(part)
				}
				n.read(header, part, depth+1)
			}
		}
		return
	}
	body = decode(header.Get("Content-Transfer-Encoding"), body)
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		n.readRecipients(body)
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
		if n.original == nil {
			n.original, _ = readFields(body)
		}
	case "message/disposition-notification", "message/global-disposition-notification":
		n.readReceipt = true
	case "text/html":
		n.addText([]byte(html.UnescapeString(string(tag.ReplaceAll(body, []byte(" "))))))
	case "multipart/report": // its boundary is not told
		n.readRecipients(body)
		n.addText(body)
	case "", "text/plain", "multipart/mixed", "multipart/alternative":
		n.addText(body)
	}
}

// contentType is what a part says that it is. Broken parameters count as far as they
// can be made out.
func contentType(header textproto.MIMEHeader) (kind, boundary string) {
	field := header.Get("Content-Type")
	kind, parameters, err := mime.ParseMediaType(field)
	if err == nil {
		return kind, parameters["boundary"]
	}
	kind, _, _ = strings.Cut(field, ";")
	if found := boundaryIn.FindStringSubmatch(field); found != nil {
		boundary = found[1] + found[2]
	}
	return strings.ToLower(strings.TrimSpace(kind)), boundary
}

var boundaryIn = regexp.MustCompile(`(?i)boundary=(?:"([^"]+)"|([^\s;"]+))`)

// cutPart returns what stands before the next line with the boundary, and what
// follows it; rest is nil after the last. Unlike mime/multipart it does not mind what
// a part's header looks like.
func cutPart(body []byte, boundary string) (part, rest []byte) {
	for at := 0; at < len(body); {
		line := body[at:]
		next := len(body)
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line, next = line[:end], at+end+1
		}
		if after, found := bytes.CutPrefix(line, []byte("--"+boundary)); found && len(bytes.Trim(after, "- \t\r")) == 0 {
			return body[:at], body[next:]
		}
		at = next
	}
	return body, nil
}

var tag = regexp.MustCompile(`<[/!a-zA-Z][^<>@]*>`) // but for <addresses>

func (n *notice) addText(text []byte) {
	if room := mostText - len(n.text); len(text) > room {
		text = text[:max(room, 0)]
	}
	n.text = append(append(n.text, text...), '\n')
}

// readRecipients reads the blocks of a delivery report. The first is about the
// server; it is told from the others by what it lacks.
func (n *notice) readRecipients(body []byte) {
	for len(body) > 0 && len(n.recipients) < mostParts {
		var block textproto.MIMEHeader
		block, body = readFields(body)
		if block.Get("Action") != "" || block.Get("Status") != "" || block.Get("Final-Recipient") != "" {
			n.recipients = append(n.recipients, block)
		}
	}
}

// textReply is the server's reply as a notice without a report tells it.
func (n *notice) textReply() reply { return replyIn(n.words()) }

// words are what a notice says to people. What stands behind the words about a
// returned copy is the email itself.
func (n *notice) words() string {
	text := n.text
	if end := returnedCopy.FindIndex(text); end != nil {
		text = text[:end[0]]
	}
	return string(text[:min(len(text), mostWords)])
}

var returnedCopy = regexp.MustCompile(`(?im)^[- ]*(this is a copy of (the|your) message|original message|message headers|below this line is a copy|return-path:)`)

// readFields reads header fields up to an empty line and returns what follows.
// Unlike net/textproto it passes over lines that are none, and takes a last one
// that is cut short.
func readFields(content []byte) (fields textproto.MIMEHeader, rest []byte) {
	fields = make(textproto.MIMEHeader)
	content = bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\ufeff")), "\r\n")
	last, count := "", 0
	for len(content) > 0 {
		var raw []byte
		raw, content, _ = bytes.Cut(content, []byte("\n"))
		line := string(bytes.TrimRight(raw, " \t\r"))
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if values := fields[last]; len(values) > 0 && len(values[len(values)-1]) < longestField {
				values[len(values)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, found := strings.Cut(line, ":")
		last = ""
		if count++; !found || strings.ContainsAny(name, " \t") || count > mostFields {
			continue // a line of an mbox file, or nothing
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		fields[last] = append(fields[last], strings.TrimSpace(value))
	}
	return fields, content
}

// decode undoes a part's encoding as far as it goes.
func decode(encoding string, body []byte) []byte {
	var r io.Reader
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body))
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	plain, _ := io.ReadAll(r)
	return plain
}

// decoded is a header field as people read it, as far as that goes.
func decoded(field string) string {
	decoder := mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }} // ASCII is the same in all
	if plain, err := decoder.DecodeHeader(field); err == nil {
		return plain
	}
	return field
}
