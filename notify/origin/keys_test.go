package origin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const written = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func parsed(t *testing.T, text string) Keys {
	t.Helper()
	keys, err := ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestAProofIsMadeWithTheKey: compared with openssl's HMAC-SHA256 of the same bytes.
func TestAProofIsMadeWithTheKey(t *testing.T) {
	// printf '\x0amessage-id\x01a' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f
	const want = "626d5ba8394b9ace8fae22ef5a02fb659833cdc1a8eea14ec7b8896b9e7b70a7"
	if got := fmt.Sprintf("%x", parsed(t, written).Sign(MessageID, "a")); got != want {
		t.Errorf("the proof is %s, want %s", got, want)
	}
}

func TestProofsOfDifferentThingsDiffer(t *testing.T) {
	keys := parsed(t, written)
	seen := map[string]string{}
	for name, proof := range map[string][]byte{
		"one value":             keys.Sign(MessageID, "ab"),
		"two values":            keys.Sign(MessageID, "a", "b"),
		"two values otherwise":  keys.Sign(MessageID, "", "ab"),
		"another purpose":       keys.Sign(ReplyCode, "ab"),
		"another key":           NewKeys().Sign(MessageID, "ab"),
		"the key everybody has": FixedKeys().Sign(MessageID, "ab"),
	} {
		if other := seen[string(proof)]; other != "" {
			t.Errorf("%s and %s give the same proof", name, other)
		}
		seen[string(proof)] = name
	}
}

func TestWhatWasMadeUnderAnOlderKeyIsRecognised(t *testing.T) {
	old, fresh := NewKeys(), NewKeys()
	both := fresh.With(old).With(fresh)
	if n := len(both.Fingerprints()); n != 2 {
		t.Errorf("%d keys, want 2: each once", n)
	}
	if got, want := string(both.Sign(MessageID, "k")), string(fresh.Sign(MessageID, "k")); got != want {
		t.Error("the newest key is not the one in use")
	}
	all := both.Signatures(MessageID, "k")
	if len(all) != 2 || string(all[1]) != string(old.Sign(MessageID, "k")) {
		t.Error("what the older key made is not among the proofs that are recognised")
	}
	if again := parsed(t, both.Text()); fmt.Sprint(again.Fingerprints()) != fmt.Sprint(both.Fingerprints()) {
		t.Errorf("read back: %v, want %v", again.Fingerprints(), both.Fingerprints())
	}
}

func TestABadKeyIsRefusedWithoutShowingIt(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":        {" \n# nothing\n", "there is no key in it"},
		"short":        {written + "\n" + written[:62], "line 2 is no key: a key is 64 hexadecimal digits"},
		"long":         {written + "00", "line 1 is no key"},
		"no digits":    {strings.Replace(written, "0a", "zz", 1), "line 1 is no key"},
		"all zeros":    {strings.Repeat("0", 64), "line 1 is no key: it is all zeros"},
		"two words":    {written[:32] + " " + written[32:], "line 1 is no key"},
		"not encoded?": {"hunter2", "line 1 is no key"},
	} {
		_, err := ParseKeys(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		} else if strings.Contains(err.Error(), "0405") || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if got := fmt.Sprintf(format, struct{ K Keys }{parsed(t, written)}); strings.Contains(strings.ToLower(got), "0001020") {
			t.Errorf("%s shows the key: %s", format, got)
		}
	}
}

// TestOfSeveralProcessesOneMakesTheKey: all of them come to the same, and it is whole
// and closed to others.
func TestOfSeveralProcessesOneMakesTheKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "doorstep.db.key")
	if _, err := ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v, want that it does not exist", err)
	}
	var wait sync.WaitGroup
	prints, makers := make([]string, 8), make([]bool, 8)
	for i := range prints {
		wait.Go(func() {
			keys, made, err := MakeFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i], makers[i] = keys.Fingerprints()[0], made
		})
	}
	wait.Wait()
	made := 0
	for i := range prints {
		if makers[i] {
			made++
		}
		if prints[i] != prints[0] {
			t.Errorf("one has the key %s, another %s", prints[i], prints[0])
		}
	}
	if made != 1 {
		t.Errorf("%d of them say that they made it, want 1", made)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files lie there (%v), want the key alone", len(left), err)
	}
	checkMode(t, path)
}

func checkMode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v), want 0600", info.Mode(), err)
	}
}

func TestAKeyFileIsClosedToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(path, []byte("# mine\n"+written+"\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	keys, err := ReadFile(path)
	if err != nil || keys.Fingerprints()[0] != parsed(t, written).Fingerprints()[0] {
		t.Fatalf("read: %v, %v", keys, err)
	}
	checkMode(t, path)
	if err := WriteFile(path, NewKeys().With(keys)); err != nil {
		t.Fatal(err)
	}
	checkMode(t, path)
	if again, err := ReadFile(path); err != nil || len(again.Fingerprints()) != 2 {
		t.Errorf("read again: %v, %v; want both keys", again, err)
	}
}

func TestWhatIsNoKeyFileIsSaid(t *testing.T) {
	folder := t.TempDir()
	damaged := filepath.Join(folder, "damaged")
	if err := os.WriteFile(damaged, []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		damaged: "the key file " + damaged + ": line 1 is no key",
		folder:  "the key file " + folder + " is no file: name one in origin_key_file",
	} {
		if _, err := ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s…", err, want)
		}
	}
	if _, _, err := MakeFile(filepath.Join(damaged, "k")); err == nil || !strings.Contains(err.Error(), "origin_key_file") {
		t.Errorf("a key below a file: %v, want the remedy", err)
	}
}
