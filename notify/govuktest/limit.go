package govuktest

import (
	"fmt"
	"time"
)

// overLimit counts a request that hands something over, and says when it is one too
// many.
func (s *Server) overLimit(kind string, now time.Time) *complaint {
	if most := s.options.PerMinute; most > 0 {
		for len(s.recent) > 0 && now.Sub(s.recent[0]) >= time.Minute {
			s.recent = s.recent[1:]
		}
		if len(s.recent) >= most {
			return &complaint{429, "RateLimitError", fmt.Sprintf("Exceeded rate limit for key type LIVE of %d requests per 60 seconds", most)}
		}
		s.recent = append(s.recent, now)
	}
	if day := now.UTC().Format(time.DateOnly); day != s.day {
		s.day = day
		clear(s.today)
	}
	most := map[string]int{"sms": s.options.TextsPerDay, "email": s.options.EmailsPerDay, "letter": s.options.LettersPerDay}[kind]
	if most > 0 && s.today[kind] >= most {
		return overDay(kind, most)
	}
	return nil
}

func overDay(kind string, most int) *complaint {
	return &complaint{429, "TooManyRequestsError", fmt.Sprintf("Exceeded send limits (%s: %d) for today", kind, most)}
}
