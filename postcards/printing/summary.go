package printing

import "example.org/doorstep/store"

// Summary is a batch in a line of JSON (FORMATS, "Print").
type Summary struct {
	Items  int           `json:"items"`
	Pages  int           `json:"pages"`
	File   string        `json:"file"`   // the first, where there are several
	SHA256 string        `json:"sha256"` // of it
	Files  []SummaryFile `json:"files,omitempty"`
	Batch  int64         `json:"batch,omitempty"`
	Cover  string        `json:"cover,omitempty"` // the first, where there are several
}

// SummaryFile is one of several files of a batch, and where it lies.
type SummaryFile struct {
	store.PrintFile
	File string `json:"file"`
}

// Summary returns the batch in short.
func (b *Batch) Summary() *Summary {
	s := &Summary{Items: b.Items, Pages: b.Pages, Batch: b.Number}
	if len(b.Covers) > 0 {
		s.Cover = b.Covers[0]
	}
	for i, f := range b.Files {
		s.Files = append(s.Files, SummaryFile{f, b.Paths[i]})
	}
	if len(s.Files) > 0 {
		s.File, s.SHA256 = s.Files[0].File, s.Files[0].SHA256
	}
	if len(s.Files) == 1 {
		s.Files = nil
	}
	return s
}

// PostSummary is how letters stand at GOV.UK Notify, in a line of JSON.
type PostSummary struct {
	Batch     int64  `json:"batch,omitempty"`
	Letters   int    `json:"letters"`
	Sent      int    `json:"sent"`      // handed over by this call
	Waiting   int    `json:"waiting"`   // not handed over yet
	Accepted  int    `json:"accepted"`  // on their way at GOV.UK Notify
	Received  int    `json:"received"`  // printed and posted
	Refused   int    `json:"refused"`   // not posted: somebody has to look
	Withdrawn int    `json:"withdrawn"` // overtaken before they went
	Cover     string `json:"cover,omitempty"`
}

// Count counts the letters by how they stand.
func (s *PostSummary) Count(letters []store.BatchPosting) {
	s.Letters = len(letters)
	for i := range letters {
		switch letters[i].State {
		case store.PostingAccepted:
			s.Accepted++
		case store.PostingReceived:
			s.Received++
		case store.PostingRefused:
			s.Refused++
		case store.PostingWithdrawn:
			s.Withdrawn++
		default:
			s.Waiting++
		}
	}
}
