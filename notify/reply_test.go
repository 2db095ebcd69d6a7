package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.org/doorstep/notify/origin"
)

func TestReplyIsRead(t *testing.T) {
	ours := compose(t, "2026-09-07 08:30", func() Message {
		r := seeAgain()
		r.CanDone = true
		m := asSMS(reminderEmail("k", r))
		m.ReplyCode = "4F7KP"
		return m
	}()).SMS
	tests := []struct {
		text string
		want Reply
	}{
		{"DONE 4F7KP", Reply{VerbDone, "4F7KP"}},
		{"done 4f7kp", Reply{VerbDone, "4F7KP"}},
		{"Seen 4f7kp", Reply{VerbSeen, "4F7KP"}},
		{"ack 4F7KP", Reply{VerbAck, "4F7KP"}},
		{"done4f7kp", Reply{VerbDone, "4F7KP"}},
		{"4f7kp done", Reply{VerbDone, "4F7KP"}},
		{"4f7kpdone", Reply{VerbDone, "4F7KP"}},
		{"done4f 7kp", Reply{VerbDone, "4F7KP"}},
		{"  DONE\t4F7KP. ", Reply{VerbDone, "4F7KP"}},
		{"Done: 4F7KP!", Reply{VerbDone, "4F7KP"}},
		{"DONE-4F7KP", Reply{VerbDone, "4F7KP"}},
		{"DONE 4 F 7 K P", Reply{VerbDone, "4F7KP"}},
		{"DONE\n4F7KP\n", Reply{VerbDone, "4F7KP"}},
		{"“DONE 4F7KP”", Reply{VerbDone, "4F7KP"}},
		{"‘done’ 4f7kp", Reply{VerbDone, "4F7KP"}},
		{"DONE\u00a04F7KP", Reply{VerbDone, "4F7KP"}},
		{"👍🏽 DONE 4F7KP ✅", Reply{VerbDone, "4F7KP"}},
		{"? DONE 4F7KP", Reply{VerbDone, "4F7KP"}}, // an emoji that a gateway could not carry
		{"DONE 4️⃣F7️⃣KP", Reply{VerbDone, "4F7KP"}},
		{"ＤＯＮＥ ４Ｆ７ＫＰ", Reply{VerbDone, "4F7KP"}},
		{"Reply DONE 4F7KP", Reply{VerbDone, "4F7KP"}},
		{"Hi, done 4F7KP please, thank you", Reply{VerbDone, "4F7KP"}},
		{"Done 4F7KP xx", Reply{VerbDone, "4F7KP"}},
		{"Done 4F7KX", Reply{VerbDone, "4F7KX"}},
		{"done 4FOKP", Reply{VerbDone, "4F0KP"}},
		{"done 4fIkp", Reply{VerbDone, "4F1KP"}},
		{"done 4flkp", Reply{VerbDone, "4F1KP"}},
		{"DONE", Reply{VerbDone, ""}},
		{"STOP", Reply{VerbStop, ""}},
		{"stop.", Reply{VerbStop, ""}},
		{"Please stop", Reply{VerbStop, ""}},
		{"STOP 4F7KP", Reply{VerbStop, "4F7KP"}},
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
		{"done 4f7kp\n" + ours, Reply{VerbDone, "4F7KP"}},
		{"Ack 4f7kp\n\n> " + ours, Reply{VerbAck, "4F7KP"}},
		{"> " + ours + "\nSEEN 4F7KP", Reply{VerbSeen, "4F7KP"}},
		{"done 4f7kp “" + ours + "”", Reply{VerbDone, "4F7KP"}},
		{"done 4f7kp\r\n\r\n\"" + ours + "\"\r\n", Reply{VerbDone, "4F7KP"}},
		{"done\n" + ours, Reply{VerbDone, ""}},
		// Nothing is guessed.
		{"", Reply{}},
		{"👍", Reply{}},
		{"4F7KP", Reply{}},
		{"OK thanks", Reply{}},
		{"DONE 4F7KP 5K2WR", Reply{}},
		{"DONE 4F7KP 4F7KP", Reply{}},
		{"DONE 4F7KP\nDONE 5K2WR", Reply{}},
		{"DONE SEEN 4F7KP", Reply{}},
		{"DONE 4F7KP or ACK", Reply{}},
		{"done done 4F7KP", Reply{}},
		{"not done 4F7KP", Reply{}},
		{"haven't seen 4F7KP", Reply{}},
		{"undone 4F7KP", Reply{}},
		{"is it DONE 4F7KP?", Reply{}},
		{"DONE 4F7KP?", Reply{}},
		{"will be done by 5PM", Reply{}},
		{"done 4F7KP 5pm", Reply{}},
		{"DONE KN-7", Reply{}}, // a case, not a code
		{"DONE KN7", Reply{}},
		{"DONE 247", Reply{}},
		{"DONE 4th", Reply{}},
		{"DONE 4F7", Reply{}}, // codes were so short once, and anybody could compute them
		{"DONE 24701", Reply{}},
		{"done 4f7kp and nobody was in", Reply{}},
		{"done 4f7kp\nno, wait", Reply{}},
		{"done 5K2WR\n" + ours, Reply{}}, // the answer to another text
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
		code := ReplyCode(origin.FixedKeys(), "W1", rapid.String().Draw(t, "key"))
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
		text := rapid.SampledFrom([]string{"%s done 4F7KP", "done %s 4F7KP", "done 4F7KP %s", "stop %s"}).Draw(t, "text")
		if got, ok := ParseReply(fmt.Sprintf(text, word)); ok {
			t.Fatalf("%q is read as %+v, want it not understood", fmt.Sprintf(text, word), got)
		}
	})
}

func TestReplyCodes(t *testing.T) {
	keys := origin.FixedKeys()
	code := func(person, key string) string { return ReplyCode(keys, person, key) }
	const key = "reminder/42/due/W1/sms"
	if got, want := code("W1", key), code("W1", key); got != want || len(got) != codeLength {
		t.Errorf("the same message gives %s and %s", got, want)
	}
	if got := ReplyCode(origin.NewKeys(), "W1", key); got == code("W1", key) {
		t.Errorf("%s under another key too: want one that cannot be computed without the installation's", got)
	}
	if got := code("W2", key); got == code("W1", key) {
		t.Errorf("%s for another person too", got)
	}
	const messages = 20000
	seen := map[string]bool{}
	for i := range messages {
		code := code("W1", fmt.Sprint("reminder/", i))
		seen[code] = true
		if strings.ContainsAny(code, "OILSZBGQUAEHM") || !isCode(code) {
			t.Errorf("%s has a letter that is taken for another", code)
		}
	}
	if n := messages - len(seen); n > messages/50 {
		t.Errorf("%d of %d messages share a code: want a million codes, all alike used", n, messages)
	}
}

// TestACodeIsKnownUnderEveryKeyThatIsKept, and under no other.
func TestACodeIsKnownUnderEveryKeyThatIsKept(t *testing.T) {
	old, fresh := origin.NewKeys(), origin.NewKeys()
	code := ReplyCode(old, "W1", "k")
	for name, c := range map[string]struct {
		keys        origin.Keys
		person, key string
		want        bool
	}{
		"the key in use":    {old, "W1", "k", true},
		"an older one":      {fresh.With(old), "W1", "k", true},
		"one that is gone":  {fresh, "W1", "k", false},
		"another message's": {old, "W1", "l", false},
		"another person's":  {old, "W2", "k", false},
	} {
		if got := ReplyCodeIs(c.keys, code, c.person, c.key); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func FuzzParseReply(f *testing.F) {
	for _, text := range []string{"DONE 4F7KP", "> Reply ACK 4F7KP", "stop", "👍 done 4f7kp", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := ParseReply(text)
		if ok && (verbs[r.Verb] != r.Verb || r.Code != "" && !isCode(r.Code)) || !ok && r != (Reply{}) {
			t.Errorf("%q is read as %+v, %t", text, r, ok)
		}
	})
}
