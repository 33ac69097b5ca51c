package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// briefT runs scripts and keeps the log of a failed script within a screen: an export
// among its commands would fill pages. -v prints everything.
type briefT struct{ *testing.T }

func (t briefT) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(briefT{t}) })
}

func (t briefT) Verbose() bool { return testing.Verbose() }

func (t briefT) Log(args ...any) {
	t.Helper()
	text := fmt.Sprint(args...)
	if !t.Verbose() {
		text = brief(text)
	}
	t.T.Log(text)
}

const (
	briefLines = 12  // of each output of the last command, and of the verdict
	briefWidth = 160 // of a line
)

// brief keeps of a log every command, the verdict, and the first lines that the last
// command printed.
func brief(log string) string {
	lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
	full := lastOutput(lines)
	var b strings.Builder
	printed := 0 // of the output that is being passed
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "> "), strings.HasPrefix(line, "# "):
		case i < full:
			continue
		case marks(line):
			printed = 0
		default:
			if printed++; printed > briefLines {
				continue
			}
		}
		if r := []rune(line); len(r) > briefWidth {
			line = string(r[:briefWidth]) + "…"
		}
		fmt.Fprintln(&b, line)
	}
	return b.String() + "(shortened; -v prints all)\n"
}

// lastOutput is the line of the last command before the verdict that printed something.
func lastOutput(lines []string) int {
	command, last := 0, 0
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "FAIL: "):
			return last
		case strings.HasPrefix(line, "> "):
			command = i
		case strings.HasPrefix(line, "[stdout]"), strings.HasPrefix(line, "[stderr]"), strings.HasPrefix(line, "diff "):
			last = command
		}
	}
	return last
}

// marks reports whether a line says what the lines after it are.
func marks(line string) bool {
	for _, p := range []string{"[stdout]", "[stderr]", "[exit status", "[background]", "diff ", "FAIL: "} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}

func TestBrief(t *testing.T) {
	page := strings.Repeat(strings.Repeat("x", 500)+"\n", 100)
	got := brief("# Every command\n> exec export\n[stdout]\n" + page + "> stdout 'x'\n> exec check\n[stdout]\n" + page +
		"[stderr]\nnote\n> stdout 'never'\nFAIL: both.txtar:3: no match for `never` found in stdout\n[background] run: exit status 0\n[stderr]\n" + page)
	some := strings.Repeat(strings.Repeat("x", briefWidth)+"…\n", briefLines)
	want := "# Every command\n> exec export\n> stdout 'x'\n> exec check\n[stdout]\n" + some +
		"[stderr]\nnote\n> stdout 'never'\nFAIL: both.txtar:3: no match for `never` found in stdout\n[background] run: exit status 0\n[stderr]\n" + some +
		"(shortened; -v prints all)\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
}
