package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// How much of the log waits in memory for a reader who does not read, and how long the end
// of the daemon waits for that reader.
const (
	logRoom = 1 << 20
	logWait = 2 * time.Second
)

// logWriter passes log lines on to a writer that may block for ever, such as a pipe that
// nobody reads. Its own Write never blocks: a line that finds no room is lost, and the
// next line that finds room is preceded by one that says how many were lost.
type logWriter struct {
	to   io.Writer
	now  func() time.Time
	done chan struct{} // closed when all has been passed on after Close

	mu      sync.Mutex
	arrived *sync.Cond
	waiting []byte
	lost    int
	closed  bool
}

func newLogWriter(to io.Writer, now func() time.Time) *logWriter {
	w := &logWriter{to: to, now: now, done: make(chan struct{})}
	w.arrived = sync.NewCond(&w.mu)
	go w.pass()
	return w
}

// Write takes one line.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed || len(w.waiting)+len(line) > logRoom:
		w.lost++
		return len(line), nil
	case w.lost > 0:
		w.confess()
	}
	w.waiting = append(w.waiting, line...)
	w.arrived.Signal()
	return len(line), nil
}

// confess adds a line about the lines that were lost; w.mu is held.
func (w *logWriter) confess() {
	w.waiting = fmt.Appendf(w.waiting, `{"level":"warn","ts":%q,"msg":"log lines are lost: nobody read stderr","lines":%d}`+"\n",
		w.now().UTC().Format(logTime), w.lost)
	w.lost = 0
}

// pass passes on what arrives, until Close. What cannot be written is gone: there is
// nowhere left to say it.
func (w *logWriter) pass() {
	defer close(w.done)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.waiting) == 0 && !w.closed {
			w.arrived.Wait()
		}
		if len(w.waiting) == 0 {
			return
		}
		out := w.waiting
		w.waiting = nil
		w.mu.Unlock()
		_, _ = w.to.Write(out)
		w.mu.Lock()
		if w.lost > 0 {
			w.confess()
		}
	}
}

// Close waits a moment until all has been passed on. It reports whether that was so; if
// not, writing to the same place would block.
func (w *logWriter) Close() bool {
	w.mu.Lock()
	w.closed = true
	w.arrived.Signal()
	w.mu.Unlock()
	select {
	case <-w.done:
		return true
	case <-time.After(logWait):
		return false
	}
}
