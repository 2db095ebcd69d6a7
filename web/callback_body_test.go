package web

import (
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
)

// TestBodiesThatComeAreBoundedTogether: as much may be held as a full line of the
// largest, whole or still coming. What is let go of makes room again.
func TestBodiesThatComeAreBoundedTogether(t *testing.T) {
	var held atomic.Int64
	part := strings.Repeat("a", largestCallback)
	var coming []*heldBody
	take := func() error {
		body := &heldBody{from: strings.NewReader(part), held: &held}
		coming = append(coming, body)
		_, err := io.ReadAll(body)
		return err
	}
	for i := range callbacksInLine {
		if err := take(); err != nil {
			t.Fatalf("body %d of 64 KiB: %v, want %d of them held", i+1, err, callbacksInLine)
		}
	}
	if err := take(); !errors.Is(err, ErrBusy) {
		t.Errorf("one more: %v, want %v", err, ErrBusy)
	}
	coming[0].letGo()
	coming[len(coming)-1].letGo()
	if err := take(); err != nil {
		t.Errorf("after one was let go of: %v, want it taken", err)
	}
	for _, body := range coming[1 : len(coming)-2] {
		body.letGo()
	}
	coming[len(coming)-1].letGo()
	if got := held.Load(); got != 0 {
		t.Errorf("%d bytes are held in the end, want 0", got)
	}
}
