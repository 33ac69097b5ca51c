package hygiene

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
)

// TestTheCatalogueIsWhole: each line is a sentence, each sentence names the values that it
// has, and each place in the code that says something says a sentence with as many values.
func TestTheCatalogueIsWhole(t *testing.T) {
	lines := map[string]int{}
	for line := range strings.Lines(englishText) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, body, ok := strings.Cut(line, ": ")
		if !ok || body == "" || len(strings.Fields(head)) == 0 {
			t.Errorf("no sentence: %q", line)
			continue
		}
		id := strings.Fields(head)[0]
		if lines[id]++; lines[id] > 1 {
			t.Errorf("%s is there twice", id)
		}
		s := english()[id]
		for i, name := range s.args {
			if !slices.ContainsFunc(s.pieces, func(p piece) bool { return p.arg == i }) {
				t.Errorf("%s has the value %s and does not say it", id, name)
			}
		}
		if n := strings.Count(body, "{"); n != len(slices.DeleteFunc(slices.Clone(s.pieces), func(p piece) bool { return p.arg < 0 })) {
			t.Errorf("%s: a value in braces is not among its %d", id, len(s.args))
		}
		for _, p := range s.pieces {
			if len(p.formats) == 1 && !slices.Contains([]string{"day", "weekday", "iso", "ordinal", "number"}, p.formats[0]) || len(p.formats) > 2 {
				t.Errorf("%s: no value is written as %q", id, p.formats)
			}
		}
	}
	said := map[string]bool{"business-days": true, "and": true}
	for _, pattern := range []string{"*.go", "rules/*.go", "../internal/evaluation/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				sayings(t, f, said)
			}
		}
	}
	for id := range lines {
		if !said[id] {
			t.Errorf("%s: nobody says it; take it out", id)
		}
	}
}

// sayings checks each call of Say in a file; ids are also the words that stand alone, for
// functions that take an id.
func sayings(t *testing.T, file string, said map[string]bool) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				said[s] = said[s] || english()[s] != nil
			}
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		name := ""
		switch fun := call.Fun.(type) {
		case *ast.Ident:
			name = fun.Name
		case *ast.SelectorExpr:
			name = fun.Sel.Name
		}
		lit, ok := call.Args[0].(*ast.BasicLit)
		if name != "Say" || !ok {
			return true
		}
		id, err := strconv.Unquote(lit.Value)
		if err != nil || id == "" {
			return true
		}
		if s := english()[id]; s == nil || len(s.args) != len(call.Args)-1 {
			t.Errorf("%s says %s with %d values; the catalogue has %+v", file, id, len(call.Args)-1, s)
		}
		return true
	})
}

// TestASentenceIsSaidAsOfItsDay: dates and days are written for the reader's day.
func TestASentenceIsSaidAsOfItsDay(t *testing.T) {
	friday, monday := crm.NewDate(2026, 11, 20), crm.NewDate(2026, 11, 23)
	s := Say("no-activity", On(friday), Since(friday), Number(14), Part(Say("booked", Text("meeting"), On(crm.NewDate(2027, 1, 8)))))
	off := &Calendar{Location: time.UTC, Holidays: NewHolidays([]DayOff{{Date: monday, Why: "holiday"}})}
	for _, c := range []struct {
		voice Voice
		want  string
	}{
		{Voice{Today: friday}, "no contact since today (0 business days, limit 14), meeting booked for 8 Jan 2027"},
		{Voice{Today: monday}, "no contact since Fri (1 business day, limit 14), meeting booked for 8 Jan 2027"},
		{Voice{Today: monday + 1}, "no contact since Fri (2 business days, limit 14), meeting booked for 8 Jan 2027"},
		{Voice{Today: monday + 1, Calendar: off}, "no contact since Fri (1 business day, limit 14), meeting booked for 8 Jan 2027"},
		{Voice{Today: crm.NewDate(2027, 1, 4)}, "no contact since 20 Nov 2026 (31 business days, limit 14), meeting booked for 8 Jan"},
	} {
		if got := c.voice.Text(s); got != c.want {
			t.Errorf("on %s: %q, want %q", c.voice.Today, got, c.want)
		}
	}
	v := Voice{Today: monday}
	for s, want := range map[Said]string{
		"":                                    "",
		"of-a-newer-version t3:abc":           "",
		Plain("as it was"):                    "as it was",
		Say("moves", Number(1)):               "1 move",
		Say("moves", Number(12)):              "12 moves",
		Say("was-contacted", On(monday)):      "was contacted on Mon 23 Nov",
		Say("on", On(monday)):                 "2026-11-23",
		Say("fix-fill", Texts([]string{"a"})): "Fill a.",
		Say("fix-fill", Texts([]string{"amount", "next step", "b\x1fc"})):               "Fill amount, next step and b c.",
		Say("moved-times", Number(3), Dates([]crm.Date{friday, monday})):                "moved 3 times (20 Nov, 23 Nov)",
		Say("all-of", Parts([]Said{Say("empty"), Say("moves", Number(2)), Plain("x")})): "empty, 2 moves and x",
		Say("has-close-date-moved", On(monday), Number(23)):                             "has the close date 23 Nov, moved for the 23rd time",
		Say("owner-inactive", Text("t9:\xff {name} Lima: x n1:2")):                      "owner t9:\uFFFD {name} Lima: x n1:2 deactivated",
		Say("waits", Text("a"), Part(Say("waits", Text("b"), Part(Say("no-owner"))))):   "waits for a: waits for b: no owner",
	} {
		if got := v.Text(s); got != want {
			t.Errorf("%q is said as %q, want %q", s, got, want)
		}
	}
}

// TestAnySaidIsRead: whatever the texts hold they are said as they are, and a Said that was
// cut or is none at all breaks nothing.
func TestAnySaidIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		s := Say("twin-counted", Text(a), Text(b))
		if got := (Voice{}).Text(s); got != "counted as "+a+" in "+b {
			t.Fatalf("%q is said as %q", s, got)
		}
		cut := s[:rapid.IntRange(0, len(s)).Draw(t, "cut")]
		_ = Voice{}.Text(cut)
		_ = Voice{}.Text(Said(rapid.String().Draw(t, "any")))
	})
	deep := Say("no-owner")
	for range 100 {
		deep = Say("waits", Text("a"), Part(deep))
	}
	if got := (Voice{}).Text(deep); len(got) > 200 {
		t.Errorf("a sentence within a hundred others is said in %d bytes", len(got))
	}
}

// TestRulesSayNothingInWords: what a rule says is a sentence of the catalogue, so that no word
// of it is kept.
func TestRulesSayNothingInWords(t *testing.T) {
	files, err := filepath.Glob("rules/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") && strings.Contains(string(b), "hygiene.Plain(") {
			t.Errorf("%s says something in words", f)
		}
	}
}
