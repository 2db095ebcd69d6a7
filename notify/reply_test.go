package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReplyIsRead(t *testing.T) {
	ours := compose(t, "2026-09-07 08:30", func() Message {
		r := seeAgain()
		r.CanDone = true
		m := asSMS(reminderEmail("k", r))
		m.ReplyCode = "4F7"
		return m
	}()).SMS
	tests := []struct {
		text string
		want Reply
	}{
		{"DONE 4F7", Reply{VerbDone, "4F7"}},
		{"done 4f7", Reply{VerbDone, "4F7"}},
		{"Seen 4f7", Reply{VerbSeen, "4F7"}},
		{"ack 4F7", Reply{VerbAck, "4F7"}},
		{"done4f7", Reply{VerbDone, "4F7"}},
		{"4f7 done", Reply{VerbDone, "4F7"}},
		{"4f7done", Reply{VerbDone, "4F7"}},
		{"done4 f7", Reply{VerbDone, "4F7"}},
		{"  DONE\t4F7. ", Reply{VerbDone, "4F7"}},
		{"Done: 4F7!", Reply{VerbDone, "4F7"}},
		{"DONE-4F7", Reply{VerbDone, "4F7"}},
		{"DONE 4 F 7", Reply{VerbDone, "4F7"}},
		{"DONE\n4F7\n", Reply{VerbDone, "4F7"}},
		{"“DONE 4F7”", Reply{VerbDone, "4F7"}},
		{"‘done’ 4f7", Reply{VerbDone, "4F7"}},
		{"DONE\u00a04F7", Reply{VerbDone, "4F7"}},
		{"👍🏽 DONE 4F7 ✅", Reply{VerbDone, "4F7"}},
		{"? DONE 4F7", Reply{VerbDone, "4F7"}}, // an emoji that a gateway could not carry
		{"DONE 4️⃣F7️⃣", Reply{VerbDone, "4F7"}},
		{"ＤＯＮＥ ４Ｆ７", Reply{VerbDone, "4F7"}},
		{"Reply DONE 4F7", Reply{VerbDone, "4F7"}},
		{"Hi, done 4F7 please, thank you", Reply{VerbDone, "4F7"}},
		{"Done 4F7 xx", Reply{VerbDone, "4F7"}},
		{"Done 4FX", Reply{VerbDone, "4FX"}},
		{"done 4FO", Reply{VerbDone, "4F0"}},
		{"done 4fI", Reply{VerbDone, "4F1"}},
		{"done 4fl", Reply{VerbDone, "4F1"}},
		{"DONE", Reply{VerbDone, ""}},
		{"STOP", Reply{VerbStop, ""}},
		{"stop.", Reply{VerbStop, ""}},
		{"Please stop", Reply{VerbStop, ""}},
		{"STOP 4F7", Reply{VerbStop, "4F7"}},
		{"STOPALL", Reply{VerbStop, ""}},
		{"Stop all", Reply{VerbStop, ""}},
		{"unsubscribe", Reply{VerbStop, ""}},
		{"Cancel", Reply{VerbStop, ""}},
		{"END", Reply{VerbStop, ""}},
		{"quit", Reply{VerbStop, ""}},
		{"start", Reply{VerbStart, ""}},
		{"UNSTOP", Reply{VerbStart, ""}},
		{"Help", Reply{VerbHelp, ""}},
		{"INFO", Reply{VerbHelp, ""}},
		// Our own text quoted.
		{"done 4f7\n" + ours, Reply{VerbDone, "4F7"}},
		{"Ack 4f7\n\n> " + ours, Reply{VerbAck, "4F7"}},
		{"> " + ours + "\nSEEN 4F7", Reply{VerbSeen, "4F7"}},
		{"done 4f7 “" + ours + "”", Reply{VerbDone, "4F7"}},
		{"done 4f7\r\n\r\n\"" + ours + "\"\r\n", Reply{VerbDone, "4F7"}},
		{"done\n" + ours, Reply{VerbDone, ""}},
		// Nothing is guessed.
		{"", Reply{}},
		{"👍", Reply{}},
		{"4F7", Reply{}},
		{"OK thanks", Reply{}},
		{"DONE 4F7 5K2", Reply{}},
		{"DONE 4F7 4F7", Reply{}},
		{"DONE 4F7\nDONE 5K2", Reply{}},
		{"DONE SEEN 4F7", Reply{}},
		{"DONE 4F7 or ACK", Reply{}},
		{"done done 4F7", Reply{}},
		{"not done 4F7", Reply{}},
		{"haven't seen 4F7", Reply{}},
		{"undone 4F7", Reply{}},
		{"is it DONE 4F7?", Reply{}},
		{"DONE 4F7?", Reply{}},
		{"will be done by 5PM", Reply{}},
		{"done 4F7 5pm", Reply{}},
		{"DONE KN-7", Reply{}}, // a case, not a code
		{"DONE KN7", Reply{}},
		{"DONE 247", Reply{}},
		{"DONE 4th", Reply{}},
		{"done 4f7 and nobody was in", Reply{}},
		{"done 4f7\nno, wait", Reply{}},
		{"done 5K2\n" + ours, Reply{}}, // the answer to another text
		{ours, Reply{}},
		{"Liked “" + ours + "”", Reply{}},
		{"please don't stop", Reply{}},
		{"\xff\xfe\x00", Reply{}},
	}
	for _, test := range tests {
		got, ok := ParseReply(test.text)
		if want := test.want != (Reply{}); ok != want || got != test.want {
			t.Errorf("%q is read as %+v, %t; want %+v, %t", test.text, got, ok, test.want, want)
		}
	}
}

// TestEveryCodeIsReadHoweverItIsWritten: whatever key, the code in its text is
// read back.
func TestEveryCodeIsReadHoweverItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := ReplyCode(rapid.String().Draw(t, "key"))
		verb := rapid.SampledFrom([]string{VerbDone, VerbSeen, VerbAck}).Draw(t, "verb")
		written := verb + rapid.SampledFrom([]string{" ", "", "  ", ": ", "-", "\n", " “", "\u00a0"}).Draw(t, "between") + code +
			rapid.SampledFrom([]string{"", " ", ".", "!", " thanks", " 👍", "”", "\r\n"}).Draw(t, "after")
		if rapid.Bool().Draw(t, "small letters") {
			written = strings.ToLower(written)
		}
		if rapid.Bool().Draw(t, "look-alikes") {
			written = strings.NewReplacer("0", "o", "1", "l").Replace(written)
		}
		if got, ok := ParseReply(written); !ok || got != (Reply{verb, code}) {
			t.Fatalf("%q is read as %+v, %t; want %s %s", written, got, ok, verb, code)
		}
	})
}

// says reports whether a word is neither a command, nor a courtesy, nor kisses.
func says(word string) bool {
	verb, rest := cutVerb(strings.ToUpper(word))
	return (verb == "" || rest != "") && !slices.Contains(courtesies, strings.ToUpper(word)) && strings.Trim(word, "x") != ""
}

// TestNothingElseIsReadAsACommand: one more word that is not known, and the
// text may mean anything.
func TestNothingElseIsReadAsACommand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{4,12}`).Filter(says).Draw(t, "word")
		text := rapid.SampledFrom([]string{"%s done 4F7", "done %s 4F7", "done 4F7 %s", "stop %s"}).Draw(t, "text")
		if got, ok := ParseReply(fmt.Sprintf(text, word)); ok {
			t.Fatalf("%q is read as %+v, want it not understood", fmt.Sprintf(text, word), got)
		}
	})
}

func TestReplyCodes(t *testing.T) {
	if got, want := ReplyCode("reminder/42/due/W1/sms"), ReplyCode("reminder/42/due/W1/sms"); got != want || len(got) != 3 {
		t.Errorf("the same key gives %s and %s", got, want)
	}
	if n := len(codes()); n < 3000 {
		t.Errorf("there are %d codes, want at least 3000", n)
	}
	seen := map[string]int{}
	for i := range 10000 {
		code := ReplyCode(fmt.Sprint("reminder/", i))
		seen[code]++
		if strings.ContainsAny(code, "OILSZBGQUAE") || !isCode(code) {
			t.Errorf("%s has a letter that is taken for another", code)
		}
	}
	for code, n := range seen {
		if n > 20 {
			t.Errorf("%s stands for %d of 10000 keys: want them spread over %d codes", code, n, len(codes()))
		}
	}
}

func FuzzParseReply(f *testing.F) {
	for _, text := range []string{"DONE 4F7", "> Reply ACK 4F7", "stop", "👍 done 4f7", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := ParseReply(text)
		if ok && (verbs[r.Verb] != r.Verb || r.Code != "" && !isCode(r.Code)) || !ok && r != (Reply{}) {
			t.Errorf("%q is read as %+v, %t", text, r, ok)
		}
	})
}
