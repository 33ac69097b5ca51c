package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestAsFileErrorMarksWhatTheFilesSay(t *testing.T) {
	full := fmt.Errorf("cache.db: %w; make room", ErrDiskFull)
	for _, c := range []struct {
		name   string
		err    error
		marked bool
	}{
		{"nothing", nil, false},
		{"canceled", fmt.Errorf("scan: %w", context.Canceled), false},
		{"out of time", fmt.Errorf("scan: %w", context.DeadlineExceeded), false},
		{"disk full", full, true},
		{"marked before", AsFileError(full), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := AsFileError(c.err)
			if _, marked := errors.AsType[*FileError](got); marked != c.marked {
				t.Errorf("marked: %v, want %v", marked, c.marked)
			}
			if !errors.Is(got, c.err) {
				t.Errorf("got %v, which is not %v", got, c.err)
			}
			if c.err != nil && got.Error() != c.err.Error() {
				t.Errorf("got %q, want the words of the cause: %q", got, c.err)
			}
		})
	}
}
