package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A program whose clock can be set to anything while it runs: the program as it is, but
// for the two places where it reads the machine's clock. Only what the clock on the wall
// shows is shifted, as when a machine's clock is set; the time that passes is not.
const shifted = `
func shifted(t time.Time) time.Time {
	text, _ := os.ReadFile(os.Getenv("CLOCK_AHEAD_BY"))
	by, _ := time.ParseDuration(string(text))
	// The seconds of a time with a monotonic reading stand above 30 bits of nanoseconds.
	*(*uint64)(unsafe.Pointer(&t)) += uint64(int64(by/time.Second) << 30)
	return t
}
`

// builtShifted is that program, built once for all tests.
var builtShifted struct {
	sync.Once
	err error
}

// shiftClock has a daemon run with a clock that is ahead by what set says.
func (d *daemon) shiftClock() (set func(by time.Duration)) {
	d.t.Helper()
	buildBinary(d.t)
	binary := filepath.Join(built.folder, "doorstep-shifted")
	builtShifted.Do(func() { builtShifted.err = buildShifted(built.folder, binary) })
	if builtShifted.err != nil {
		d.t.Fatal(builtShifted.err)
	}
	d.binary = binary
	file := filepath.Join(d.folder, "ahead-by")
	d.environment = append(d.environment, "CLOCK_AHEAD_BY="+file)
	return func(by time.Duration) {
		d.t.Helper()
		if err := os.WriteFile(file+".new", []byte(by.String()), 0o600); err != nil {
			d.t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			d.t.Fatal(err)
		}
	}
}

func buildShifted(folder, binary string) error {
	replaced := map[string]string{}
	for i, path := range []string{"version.go", filepath.Join("..", "..", "scheduler", "clock.go")} {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		const reads = "{ return time.Now() }"
		text := strings.Replace(string(source), reads, "{ return shifted(time.Now()) }", 1)
		if text == string(source) {
			return fmt.Errorf("%s does not read the clock any more", path)
		}
		text = strings.Replace(text, "import (", "import (\n\t\"os\"\n\t\"unsafe\"", 1) + shifted
		replaced[absolute] = filepath.Join(folder, fmt.Sprintf("shifted%d.go", i))
		if err := os.WriteFile(replaced[absolute], []byte(text), 0o600); err != nil {
			return err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return err
	}
	if out, err := exec.Command("go", "build", "-overlay", file, "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}
