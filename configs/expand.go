package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// reference is ${NAME}, ${file:PATH}, or the escape $${ for a plain "${".
var reference = regexp.MustCompile(`\$?\$\{([^}]*)\}?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// errUnread stands for a secret that nobody asked for: it is not read.
var errUnread = errors.New("a secret of another command's")

// sendsWith reports whether a key only says how messages, letters and the heartbeat go
// out, or by what ours are known: what sends by it needs what it refers to, and nobody else.
func sendsWith(key string) bool {
	for _, part := range []string{"email.smtp.", "email.notify.", "sms.twilio.", "sms.notify.", "letters.notify.", "heartbeat_url", "webhooks["} {
		if strings.HasPrefix(key, part) {
			return true
		}
	}
	return key == "origin_key"
}

// errMissing says that a reference leads nowhere; expander.missing says why.
var errMissing = errors.New("missing")

// expander replaces references to the environment and to secret files.
type expander struct {
	folder string // of the configuration file; file references start here
	lookup func(name string) (string, bool)
	wanted func(key string) bool // whether a secret that something sends with is to be read
	// missing are the references that could not be followed, by key: a mistake
	// only where the key is in use, which is known when all is read.
	missing map[string]error
}

// expand returns the text with its references replaced. What it returns may be
// secret; its errors never are.
func (e *expander) expand(key, text string, secret bool) (string, error) {
	var failed error
	unread := secret && sendsWith(key) && !e.wanted(key)
	out := reference.ReplaceAllStringFunc(text, func(found string) string {
		name, whole := strings.CutSuffix(found, "}")
		if escaped, ok := strings.CutPrefix(found, "$$"); ok {
			return "$" + escaped
		}
		name = strings.TrimPrefix(name, "${")
		path, isFile := strings.CutPrefix(name, "file:")
		switch {
		case !whole:
			failed = fmt.Errorf("a reference that starts with ${ has no end: write ${NAME} or ${file:PATH}, or $${ for a plain ${")
		case unread && (isFile || variableName.MatchString(name)):
			e.missing[key] = errUnread
		case isFile:
			return e.follow(key, func() (string, error) { return e.readFile(path) })
		case variableName.MatchString(name):
			return e.follow(key, func() (string, error) { return e.readVariable(name) })
		default:
			failed = fmt.Errorf("a reference is written ${NAME} with letters, digits and _, or ${file:PATH}; $${ stands for a plain ${")
		}
		return ""
	})
	if failed == nil && e.missing[key] != nil {
		failed = errMissing
	}
	return out, failed
}

func (e *expander) follow(key string, read func() (string, error)) string {
	value, err := read()
	if err != nil && e.missing[key] == nil {
		e.missing[key] = err
	}
	return value
}

func (e *expander) readVariable(name string) (string, error) {
	value, ok := e.lookup(name)
	switch {
	case !ok:
		return "", fmt.Errorf("the environment variable %s is not set: set it, or write ${file:PATH} for a file that holds the value", name)
	case value == "":
		return "", fmt.Errorf("the environment variable %s is empty: give it its value", name)
	}
	return value, nil
}

// readFile reads a secret file; a line end behind the secret is not part of it.
func (e *expander) readFile(path string) (string, error) {
	path = filepath.FromSlash(strings.TrimSpace(path))
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.folder, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the secret file cannot be read (%w): check its path and its permissions", err)
	}
	value := strings.TrimRight(string(data), "\r\n")
	if value == "" {
		return "", fmt.Errorf("the secret file %s is empty: put the secret into it", path)
	}
	return value, nil
}
