package configs

import (
	"strings"
	"testing"
)

// FuzzFilesNeverPanic: whatever stands in a file, there is an answer.
func FuzzFilesNeverPanic(f *testing.F) {
	f.Add(string(DefaultYAML()))
	f.Add(minimal)
	f.Add("email: {smtp: {password: ${A}}}\nteams: {a: {duty_email: x}}\n---\nladders: [{rungs: [{at: 4 hours before}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "${file:") {
			return // what it reads is not the text's
		}
		c, err := load("doorstep.yaml", []byte(text), func(string) (string, bool) { return "", false }, toSend)
		if c == nil {
			t.Errorf("no configuration to look further with, error %v", err)
		}
		s := &ruleSet{pathways: map[string]*ruleDocument{}, sets: map[string]*ruleDocument{}, ladders: map[string]*ladderDocument{}}
		s.read("own.yaml", []byte(text), false)
		if p, err := s.build(); (p == nil) == (err == nil) {
			t.Errorf("pathways %v and error %v", p, err)
		}
	})
}
