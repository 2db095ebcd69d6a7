package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"
)

// stylesheet is what scripts/css makes of styles/doorstep.scss.
//
//go:embed styles/doorstep.css
var stylesheet []byte

// styles is the stylesheet at an address that changes with it, so that browsers may
// keep it for ever.
type styles struct {
	path    string
	gzipped []byte
}

func newStyles() (*styles, error) {
	sum := sha256.Sum256(stylesheet)
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(stylesheet)
	}
	if err == nil {
		err = w.Close()
	}
	return &styles{"/static/doorstep-" + hex.EncodeToString(sum[:6]) + ".css", zipped.Bytes()}, err
}

func (s *styles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Write(stylesheet)
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.Write(s.gzipped)
}
