package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// TestCodesAreKeptWhole: each kind of character that a code of Slack's may have is kept up
// to the last of its kind, and what stands beside it is not.
func TestCodesAreKeptWhole(t *testing.T) {
	for in, want := range map[string]string{
		"azAZ09_:,.": "azAZ09_:,.", "`{@[/; a": "a", "": "",
	} {
		if got := code(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestFailureSaysWhatThereIs: Slack's word before the cause, the cause before the status.
func TestFailureSaysWhatThereIs(t *testing.T) {
	for want, f := range map[string]*failure{
		"slack m: some_word": {Code: "some_word", Status: 200},
		"slack m: no route":  {err: errors.New("no route")},
		"slack m: HTTP 302 without an answer from Slack's API":                               {Status: 302},
		"slack m: missing_scope (im:history); add the scope to the app and install it again": {Code: "missing_scope", Needed: "im:history"},
		"slack m: invalid_blocks; one; two":                                                  {Code: "invalid_blocks", Detail: []string{"one", "two"}},
	} {
		if f.Method = "m"; f.Error() != want {
			t.Errorf("got %q, want %q", f, want)
		}
	}
}

// TestNobodyThere: only three words say that nobody has the address, and an answer that
// only begins to redirect is one of a proxy.
func TestNobodyThere(t *testing.T) {
	for word, gone := range map[string]bool{
		"users_not_found": true, "user_not_found": true, "user_disabled": true, "user_not_visible": false, "channel_not_found": false,
	} {
		re, ok := errors.AsType[*delivery.RejectedError](classify(&failure{Code: word}, true))
		if !ok || re.NoAddress != gone {
			t.Errorf("%s: got %+v", word, re)
		}
	}
	for status, want := range map[int]string{299: "unknown", 300: "channel", 499: "channel", 500: "unknown", 413: "content", 408: "unknown"} {
		if got := outcome(classify(&failure{Status: status}, true)); got != want {
			t.Errorf("HTTP %d: got %s, want %s", status, got, want)
		}
	}
	for _, f := range []*failure{{Status: 413}, {Code: "msg_too_long", Status: 200}} {
		if !f.content() {
			t.Errorf("%v is not about the message", f)
		}
	}
	for _, f := range []*failure{{Code: "some_word", Status: 413}, {Status: 400}} {
		if f.content() {
			t.Errorf("%v is about the message", f)
		}
	}
}

// TestStamps: a time is written to the microsecond, and read so.
func TestStamps(t *testing.T) {
	when := time.Date(2026, 11, 24, 16, 30, 0, 120_034_000, time.UTC)
	if got := stamp(when); got != "1795537800.120034" {
		t.Errorf("got %s", got)
	}
	if got := at(stamp(when)); !got.Equal(when) {
		t.Errorf("got %v, want %v", got, when)
	}
	if got := at("no time"); !got.IsZero() {
		t.Errorf("got %v", got)
	}
}

// TestPace: nothing said is Slack's pace, a negative one is none.
func TestPace(t *testing.T) {
	for per, want := range map[float64]rate.Limit{0: rate.Every(pace), -1: rate.Inf, 5: 5} {
		n, err := New(Config{Token: connectortest.Secret(t, goodToken), PerSecond: per})
		if err != nil || n.limit.Limit() != want {
			t.Errorf("%v: got %v, %v", per, n.limit.Limit(), err)
		}
	}
}

// TestTheRetryAsTextHasTheLastWord: where the text is posted, or may have been, that counts;
// a second refusal leaves the first, which says what was wrong.
func TestTheRetryAsTextHasTheLastWord(t *testing.T) {
	for second, want := range map[string]string{"": "sent", "fatal_error": "unknown", "is_archived": "content"} {
		f := newFake(t)
		n := f.notifier(t)
		to, parts := sendable(t, n)
		posts := 0
		f.fault = func(method string, w http.ResponseWriter) bool {
			if method != "chat.postMessage" {
				return false
			}
			if posts++; posts == 1 {
				no(w, "invalid_blocks")
				return true
			}
			if second != "" {
				no(w, second)
			}
			return second != ""
		}
		_, err := n.Send(t.Context(), to, parts[0], nil)
		if got := outcome(err); got != want || posts != 2 || second == "is_archived" && !strings.Contains(fmt.Sprint(err), "invalid_blocks") {
			t.Errorf("%q: got %s after %d posts, want %s (%v)", second, got, posts, want, err)
		}
	}
}

// TestCutsAtTheLimit: what fits is left as it is, and what does not becomes as long as the
// limit.
func TestCutsAtTheLimit(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöü", 3, "äöü"}, {"äöüß", 3, "äö…"}} {
		if got := cut(c.in, c.limit); got != c.want {
			t.Errorf("cut %q to %d: got %q", c.in, c.limit, got)
		}
	}
	long := strings.Repeat("x", 599)
	if got := line(digest.Line{{Text: long}}, 599); got != long {
		t.Errorf("a line that fits was cut to %d", len(got))
	}
	if got := fit("abc", 3); got != "abc" {
		t.Errorf("got %q", got)
	}
	if got := shorten("ab\ncd", 5); got != "ab\ncd" {
		t.Errorf("got %q", got)
	}
	if got := shorten("ab\ncdef", 5); got != "ab\n…" {
		t.Errorf("got %q", got)
	}
	if got := shorten("\n\nabcdef", 5); got != "abcde\n…" {
		t.Errorf("got %q", got)
	}
	if got := shorten("abcdef", 5); got != "abcde\n…" {
		t.Errorf("a line without an end: got %q", got)
	}
}

// TestMessagesAreFull: a message holds as many blocks and characters as one may, and the
// next begins with the one after them.
func TestMessagesAreFull(t *testing.T) {
	of := func(size, n int) (out []piece) {
		for range n {
			out = append(out, words(strings.Repeat("x", size)))
		}
		return out
	}
	for _, c := range []struct {
		what string
		ps   []piece
		want string
	}{
		{"blocks", of(1, maxBlocks), fmt.Sprint([]int{maxBlocks})},
		{"one block more", of(1, maxBlocks+1), fmt.Sprint([]int{maxBlocks, 1})},
		{"characters", of(maxChars/4, 4), "[4]"},
		{"one character more", append(of(maxChars/4, 4), of(1, 1)...), "[4 1]"},
		{"nothing", nil, "[]"},
	} {
		got := []int{}
		for _, m := range pack(c.ps) {
			got = append(got, len(m.Blocks))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", c.what, got, c.want)
		}
	}
}

// TestLinesShareBlocks: lines share a block until it is full; a numbered line and a note
// have blocks of their own, and a line without words is one like any other.
func TestLinesShareBlocks(t *testing.T) {
	text := func(n int) digest.Line { return digest.Line{{Text: strings.Repeat("x", n)}} }
	numbered := digest.Line{{Text: "1. ", Role: digest.Index}, {Text: "deal"}}
	bullet := digest.Line{{Text: "• ", Role: digest.Index}, {Text: "deal"}}
	note := digest.Line{{Text: "note", Role: digest.Note}}
	half := maxSection/2 - 1
	for _, c := range []struct {
		what string
		ls   []digest.Line
		want string // the lines of each block
	}{
		{"full", []digest.Line{text(half), text(maxSection - half - 2)}, "[2]"},
		{"one more", []digest.Line{text(half), text(maxSection - half - 1)}, "[1 1]"},
		{"numbered", []digest.Line{text(1), numbered, numbered, text(1), text(1)}, "[1 1 1 2]"},
		{"a number in the text only", []digest.Line{{{Text: "1 of 3"}}, {{Text: "2 of 3"}}}, "[2]"},
		{"bullets", []digest.Line{bullet, bullet, bullet}, "[3]"},
		{"notes", []digest.Line{text(1), note, note, text(1)}, "[1 1 1 1]"},
		{"empty", []digest.Line{text(1), {}, text(1)}, "[3]"},
		{"nothing", nil, "[]"},
	} {
		got := []int{}
		for _, p := range lines(c.ls) {
			got = append(got, strings.Count(p.text, "\n")+1)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", c.what, got, c.want)
		}
	}
}

// TestTablesFillTheirBlocks: rows share a block until it is full, and none is empty.
func TestTablesFillTheirBlocks(t *testing.T) {
	rows := make([][]string, 100)
	for i := range rows {
		rows[i] = []string{fmt.Sprint("row ", i), "1"}
	}
	ps := table(&digest.Table{Head: []string{"Rep", "a"}, Rows: rows})
	total := 0
	for i, p := range ps {
		total += strings.Count(p.text, "row ")
		if n := p.block.chars(); n > maxSection || i < len(ps)-1 && n < maxSection-200-tableWidth {
			t.Errorf("block %d of %d has %d characters", i, len(ps), n)
		}
	}
	if total != len(rows) || len(ps) > 4 {
		t.Errorf("%d rows in %d blocks", total, len(ps))
	}
}
