package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
)

// TestLogNeverBlocks: what finds no room is counted, and the reader is told once there is
// one again.
func TestLogNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, out := io.Pipe() // holds nothing: a write blocks until it is read
		w := newLogWriter(out, time.Now)
		log := newLog(w)
		const lines = 40_000
		for range lines {
			log.Info("a line of the log", zap.Int("of", lines))
		}
		if len(w.waiting) > logRoom {
			t.Errorf("%d bytes wait, more than %d", len(w.waiting), logRoom)
		}
		var got bytes.Buffer
		read := make(chan error, 1)
		go func() {
			_, err := io.Copy(&got, r)
			read <- err
		}()
		synctest.Wait()
		log.Info("the last one")
		if !w.Close() {
			t.Error("not all was passed on to a reader that reads")
		}
		_ = out.Close()
		if err := <-read; err != nil {
			t.Error(err)
		}
		text := got.String()
		for line := range strings.Lines(text) {
			checkLogLine(t, line)
		}
		if strings.Count(text, "a line of the log") >= lines || !strings.Contains(text, "log lines are lost") || !strings.Contains(text, `"msg":"the last one"`) {
			t.Errorf("%d lines arrived, and the last are %s", strings.Count(text, "\n"), text[max(0, len(text)-400):])
		}
	})
}

// TestLogOfAReaderWhoNeverReads: the end of the daemon does not wait for the reader, and
// neither does its error.
func TestLogOfAReaderWhoNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, out := io.Pipe()
		w := newLogWriter(out, time.Now)
		newLog(w).Info("nobody reads this")
		begin := time.Now()
		if w.Close() || time.Since(begin) > logWait {
			t.Errorf("closed after %s", time.Since(begin))
		}
		if code := report(out, &unheard{fail(74, "the disk")}); code != 74 {
			t.Errorf("exit code %d", code)
		}
		_ = r.CloseWithError(errors.New("the end of the test"))
	})
}
