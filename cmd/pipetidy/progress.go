package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/pipetidy/pipetidy/internal/api"
)

// progress shows a running sync: on out a line for each stream that has ended, and below
// these lines, on a terminal, a bar for the streams that are being read.
type progress struct {
	out    io.Writer
	bar    io.Writer // nil without a terminal
	indent string    // before each line
	width  int
	drawn  bool
	// running are the sums of the streams that are being read, side by side, in the
	// order in which the streams were begun.
	running []api.SyncEvent
	read    bool // a page of the source at hand was read
	faults  []syncFault
	ended   bool // the last event finished its source
	seen    bool // there was an event
}

func newProgress(out, err io.Writer) *progress {
	p := &progress{out: out, width: 80}
	if f, ok := err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = f
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			p.width = w
		}
	}
	return p
}

// watch keeps what the exit code depends on.
func (p *progress) watch(e *api.SyncEvent) {
	p.seen, p.ended = true, e.Finished
	switch {
	case e.Error != "":
		p.faults = append(p.faults, syncFault{e.Source, e.Error, e.Exit})
	case e.Finished && e.Withheld != "":
		p.faults = append(p.faults, syncFault{e.Source, "no verdict: " + e.Withheld, api.ExitNoVerdict})
	}
}

// show prints what e says; the counts of e are those of one page. When a source has
// finished, streams of it that have not ended were broken off.
func (p *progress) show(e *api.SyncEvent) {
	if e.Finished {
		for i := range p.running {
			p.line("%s", streamLine(&p.running[i]))
		}
		p.line("%s", finishLine(e, p.read))
		p.running, p.read = nil, false
		for _, n := range e.Notes {
			p.line("%s  note: %s", plain(e.Source), plain(n))
		}
		return
	}
	p.read = p.read || e.Waits == ""
	at := slices.IndexFunc(p.running, func(s api.SyncEvent) bool { return s.Source == e.Source && s.Stream == e.Stream })
	if at < 0 {
		at, p.running = len(p.running), append(p.running, api.SyncEvent{Source: e.Source, Stream: e.Stream})
	}
	s := &p.running[at]
	s.Done, s.Total = e.Done, e.Total
	s.Added += e.Added
	s.Changed += e.Changed
	s.Deleted += e.Deleted
	if e.Waits != "" && e.Waits != s.Waits {
		s.Waits = e.Waits
		p.line("%s  %-13s  %s", plain(e.Source), plain(string(e.Stream)), plain(e.Waits))
	}
	if e.Ended {
		p.line("%s", streamLine(s))
		p.running = slices.Delete(p.running, at, at+1)
	}
	p.draw()
}

func streamLine(s *api.SyncEvent) string {
	return fmt.Sprintf("%s  %-13s  %s", plain(s.Source), plain(string(s.Stream)), tally(s))
}

// finishLine sums up a source. Where no page of it was read, nothing is known of what
// changed.
func finishLine(e *api.SyncEvent, read bool) string {
	if e.Error != "" {
		what := "nothing was read"
		if read {
			what = tally(e) + " before the error"
		}
		return fmt.Sprintf("%s  stopped: %s; %s", plain(e.Source), what, counted(e.Calls, "API call"))
	}
	return fmt.Sprintf("%s  done: %s; %s", plain(e.Source), tally(e), counted(e.Calls, "API call"))
}

// tally writes what changed; "no change" reads better than three zeros.
func tally(e *api.SyncEvent) string {
	var parts []string
	for _, c := range []struct {
		n    int
		word string
	}{{e.Added, "added"}, {e.Changed, "changed"}, {e.Deleted, "deleted"}} {
		if c.n > 0 {
			parts = append(parts, grouped(c.n)+" "+c.word)
		}
	}
	if len(parts) == 0 {
		return "no change"
	}
	return strings.Join(parts, ", ")
}

// line prints a line above the bar.
func (p *progress) line(format string, args ...any) {
	p.wipe()
	_, _ = fmt.Fprintf(p.out, p.indent+format+"\n", args...) // output remembers its error
	flush(p.out)
}

// draw writes the bar over the last bar; with several streams, the bar says how far each
// is.
func (p *progress) draw() {
	if p.bar == nil || len(p.running) == 0 {
		return
	}
	text := p.reading(&p.running[0])
	if len(p.running) > 1 {
		var each []string
		for i := range p.running {
			s := &p.running[i]
			far := grouped(s.Done)
			if s.Total > 0 {
				far = fmt.Sprintf("%d %%", min(s.Done*100/s.Total, 100))
			}
			each = append(each, plain(string(s.Stream))+" "+far)
		}
		text = fmt.Sprintf("%s%s  %s", p.indent, plain(p.running[0].Source), strings.Join(each, ", "))
	}
	_, _ = fmt.Fprintf(p.bar, "\r\x1b[K%s", clip(text, p.width-1)) // a sync does not fail for a bar
	p.drawn = true
}

// reading is the bar of one stream.
func (p *progress) reading(s *api.SyncEvent) string {
	label := fmt.Sprintf("%s%s  %-13s  ", p.indent, plain(s.Source), plain(string(s.Stream)))
	text := label + grouped(s.Done)
	if s.Total > 0 {
		const cells = 30
		full := min(s.Done*cells/s.Total, cells)
		text = fmt.Sprintf("%s[%s%s] %s of %s", label, strings.Repeat("=", full), strings.Repeat(" ", cells-full), grouped(s.Done), grouped(s.Total))
	}
	return text
}

func (p *progress) wipe() {
	if p.drawn {
		_, _ = io.WriteString(p.bar, "\r\x1b[K") // as above
		p.drawn = false
	}
}

// done takes the bar away.
func (p *progress) done() { p.wipe() }

// verdict is the error that the sync ends with. An answer that ends before a source has
// finished is an error.
func (p *progress) verdict() error {
	if err := syncVerdict(p.faults); err != nil {
		return err
	}
	if !p.seen || !p.ended {
		return errors.New("the sync broke off; what was read is kept, repeat the command to go on")
	}
	return nil
}
