package scheduler

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// panicked turns a panic into an error, so that one job or one message that
// cannot be handled does not stop the rest. What it panicked with may quote a
// case record: only the runtime's own words are told, and where it happened.
func panicked(log *slog.Logger, what string, p any) error {
	words := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		words = e.Error()
	}
	log.Error("panic", "in", what, "panic", words, "stack", string(debug.Stack()))
	return fmt.Errorf("%s broke off (panic: %s): report this with the log of that moment", what, words)
}

// safely does one of many things. A panic over it is an error like any other, and stops
// none of the others.
func safely(log *slog.Logger, what string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(log, what, p)
		}
	}()
	return do()
}
