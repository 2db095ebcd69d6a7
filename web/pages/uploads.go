package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"sync"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

const (
	largestUpload = 200 << 20
	// drainedUpload is how much more of one that is too large is read and thrown away, so
	// that the browser reads the answer.
	drainedUpload = 400 << 20
	// uploadIdle is how long a browser may send nothing.
	uploadIdle = 30 * time.Second
	// uploadWorks is how long it may take to look through a file, or to take it in.
	uploadWorks = 10 * time.Minute
	// uploadLasts is for how long a file waits for somebody to decide.
	uploadLasts = time.Hour
	// mostFields is how many fields may come before a file; the page's form has three.
	mostFields = 20
	// mostUploads is how many files wait at once, the oldest giving way.
	mostUploads = 20
)

// upload is a file that somebody has sent, and has not decided on. It has no name on the
// disk: when the daemon ends, however it does, nothing is left of it.
type upload struct {
	id, person string
	at         time.Time
	source     intake.Source
	mapping    string
	file       *os.File
	size       int64
	hash       string // SHA-256, in hexadecimal

	mu      sync.Mutex // held while it is looked through or taken in
	preview *preview
	done    *preview // what became of it, once it was taken in; the file is gone then
}

func (u *upload) content() *io.SectionReader { return io.NewSectionReader(u.file, 0, u.size) }

// uploads are the files that wait.
type uploads struct {
	mu   sync.Mutex
	byID map[string]*upload
}

// keep keeps an upload, in place of what else its person had waiting.
func (s *uploads) keep(now time.Time, u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	for id, other := range s.byID {
		if other.person == u.person {
			s.drop(id)
		}
	}
	for len(s.byID) >= mostUploads {
		oldest := ""
		for id, other := range s.byID {
			if oldest == "" || other.at.Before(s.byID[oldest].at) {
				oldest = id
			}
		}
		s.drop(oldest)
	}
	s.byID[u.id] = u
	time.AfterFunc(uploadLasts, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.byID[u.id] == u {
			s.drop(u.id)
		}
	})
}

// find returns an upload of somebody's; nil where it is not there any more, or not theirs.
func (s *uploads) find(now time.Time, id, person string) *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	if u := s.byID[id]; u != nil && u.person == person {
		return u
	}
	return nil
}

func (s *uploads) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
}

func (s *uploads) forget(now time.Time) {
	for id, u := range s.byID {
		if now.Sub(u.at) > uploadLasts {
			s.drop(id)
		}
	}
}

// drop closes the file, which is the end of it.
func (s *uploads) drop(id string) {
	if u := s.byID[id]; u != nil {
		u.file.Close()
		delete(s.byID, id)
	}
}

// What is wrong with what was sent.
var (
	errNoFile    = errors.New("no file was sent")
	errEmptyFile = errors.New("the file is empty")
	errNoForm    = errors.New("what was sent is no form with a file")
)

// readUpload reads a form with a file while it comes: the fields first, then the file,
// straight onto the disk.
func (v *visit) readUpload() (values map[string]string, u *upload, err error) {
	raw := v.r.Body
	defer func() {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			io.CopyN(io.Discard, &patientReader{v, raw}, drainedUpload)
		}
	}()
	v.r.Body = http.MaxBytesReader(v.w, io.NopCloser(&patientReader{v, raw}), largestUpload+largestForm)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, nil, errNoFile
	}
	values = map[string]string{}
	for fields := 0; ; fields++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return values, nil, errNoFile
		}
		if err != nil {
			return values, nil, fmt.Errorf("%w: %w", errNoForm, err)
		}
		if part.FormName() == "file" {
			u, err := keepPart(part)
			return values, u, err
		}
		if fields == mostFields {
			return values, nil, fmt.Errorf("%w: it has more than %d fields", errNoForm, mostFields)
		}
		text, err := io.ReadAll(io.LimitReader(part, 1024))
		if err != nil {
			return values, nil, fmt.Errorf("%w: %w", errNoForm, err)
		}
		values[part.FormName()] = string(text)
	}
}

// keepPart copies a file onto the disk, under no name.
func keepPart(part *multipart.Part) (*upload, error) {
	if part.FileName() == "" {
		return nil, errNoFile
	}
	sum := sha256.New()
	counted := &counter{hash: sum}
	file, err := intake.Spool(io.TeeReader(part, counted))
	if err != nil {
		return nil, err
	}
	if counted.n == 0 {
		file.Close()
		return nil, errEmptyFile
	}
	if counted.n > largestUpload {
		file.Close()
		return nil, fmt.Errorf("keep a file: %w", &http.MaxBytesError{Limit: largestUpload})
	}
	return &upload{id: newID(), source: intake.Source{Name: shownName(part.FileName())}, file: file, size: counted.n, hash: hex.EncodeToString(sum.Sum(nil))}, nil
}

// longestName is how much of a file's name is kept.
const longestName = 100

// shownName is what a file is called in what is said of it.
func shownName(name string) string {
	if letters := []rune(name); len(letters) > longestName {
		name = string(letters[:longestName])
	}
	return pathway.Escaped(name)
}

type counter struct {
	hash hash.Hash
	n    int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.hash.Write(p)
}

// patientReader reads what comes for as long as something does.
type patientReader struct {
	v    *visit
	from io.Reader
}

func (p *patientReader) Read(b []byte) (int, error) {
	connection, until := http.NewResponseController(p.v.w), time.Now().Add(uploadIdle)
	if err := errors.Join(connection.SetReadDeadline(until), connection.SetWriteDeadline(until.Add(answerLasts))); err != nil {
		return 0, err
	}
	return p.from.Read(b)
}
