package rules_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// wanted lists the lines of a want section, in their order.
var wanted = []string{"outcome", "reason", "done", "severity", "value", "threshold", "from", "fix"}

func TestGoldenCases(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join("testdata", r.ID, "*.txtar"))
			if err != nil {
				t.Fatal(err)
			}
			outcomes := map[string]int{}
			for _, f := range files {
				t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
					c := readCase(t, r.ID, f)
					got := said(c)
					if golden.Writing() {
						golden.Section(t, f, "want", section(got))
						return
					}
					if diff := cmp.Diff(c.want, got); diff != "" {
						t.Errorf("%s (where the new words are right, `go generate ./...` writes them): want -, got +:\n%s", f, diff)
					}
					agree(t, c, got)
					outcomes[got["outcome"]]++
				})
			}
			if golden.Writing() {
				return
			}
			if outcomes["fail"] == 0 {
				t.Errorf("no case in testdata/%s in which the rule fires", r.ID)
			}
			if outcomes["pass"] == 0 {
				t.Errorf("no case in testdata/%s in which the rule is silent", r.ID)
			}
		})
	}
}

// said is what explain says of the case's rule, as a want section has it.
func said(c *testCase) map[string]string {
	for _, e := range c.pass.Explain(c.deal) {
		if e.Rule.ID != c.rule {
			continue
		}
		v := e.Verdict
		got := map[string]string{"outcome": v.Outcome.String(), "reason": e.Reason}
		if e.Off {
			got["outcome"] = "off"
		}
		for key, value := range map[string]string{
			"done": c.pass.Voice(c.deal).Text(v.Done), "severity": v.Severity.String(), "value": e.Value, "threshold": e.Threshold, "from": v.ThresholdFrom, "fix": e.Fix,
		} {
			if value != "" {
				got[key] = value
			}
		}
		return got
	}
	return nil
}

// agree checks that Evaluate says the same as Explain, and that a message can
// stand in the middle of a sentence.
func agree(t *testing.T, c *testCase, got map[string]string) {
	t.Helper()
	r := c.pass.Evaluate(c.deal)
	var found *hygiene.Finding
	for i := range r.Failed {
		if r.Failed[i].Rule == c.rule {
			l := hygiene.Life{Finding: r.Failed[i], State: hygiene.Open}
			c.pass.Tell(&l)
			found = &l.Finding
		}
	}
	if (found != nil) != (got["outcome"] == "fail") {
		t.Fatalf("outcome %s, but a finding: %v", got["outcome"], found)
	}
	if o, asked := r.Outcomes[c.rule]; asked && o.String() != got["outcome"] {
		t.Errorf("Outcomes has %s, Explain %s", o, got["outcome"])
	}
	if done := got["done"]; done != r.Voice.Text(r.Done[c.rule]) || done != "" && got["outcome"] != "pass" {
		t.Errorf("%s, done %q; the result has %q", got["outcome"], done, r.Done[c.rule])
	} else if !strings.HasPrefix(done, "has ") && !strings.HasPrefix(done, "was ") && done != "" || strings.HasSuffix(done, ".") {
		t.Errorf("done %q: want a clause about the deal, without full stop", done)
	}
	if found == nil {
		return
	}
	m := found.Message
	if m == "" || unicode.IsUpper([]rune(m)[0]) || strings.HasSuffix(m, ".") || strings.Contains(m, c.deal.Opportunity.Name) {
		t.Errorf("message %q: want a clause in lower case, without full stop and without the deal's name", m)
	}
	if m != got["reason"] || found.Severity.String() != got["severity"] || found.Value != got["value"] ||
		found.Threshold != got["threshold"] || found.ThresholdFrom != got["from"] || found.Fix != got["fix"] {
		t.Errorf("finding %+v does not say what explain says: %v", found, got)
	}
	if found.Value == "" || found.Threshold == "" || found.ThresholdFrom == "" || found.Fix == "" {
		t.Errorf("finding without value, threshold, its origin or a fix: %+v", found)
	}
	measured(t, found)
}

// measured checks that the numbers of a finding are those of its words, and that a ratio
// is told where the words have two numbers and the second is a limit, not a grace.
func measured(t *testing.T, f *hygiene.Finding) {
	t.Helper()
	value, limit := leading(f.Value), leading(f.Threshold)
	if f.Measured != 0 && f.Measured != value || f.Limit != 0 && f.Limit != limit {
		t.Errorf("measured %v of %v, in words %q of %q", f.Measured, f.Limit, f.Value, f.Threshold)
	}
	compares := value > 0 && limit > 0 && strings.TrimLeft(f.Value, "0123456789") == strings.TrimLeft(f.Threshold, "0123456789")
	if f.Rule == hygiene.CloseDatePast || f.Rule == hygiene.OwnerMissing {
		compares = false
	}
	if got := f.Over(); compares && got != value/limit || !compares && got != 0 {
		t.Errorf("%q of %q is %v times the limit", f.Value, f.Threshold, got)
	}
}

// leading is the number that a text begins with, 0 is none.
func leading(s string) float64 {
	word, _, _ := strings.Cut(s, " ")
	v, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return 0
	}
	return v
}

// section writes what was said as a want section has it.
func section(said map[string]string) string {
	var b strings.Builder
	for _, key := range wanted {
		if v, ok := said[key]; ok {
			fmt.Fprintf(&b, "%s: %s\n", key, v)
		}
	}
	return b.String()
}

// Cases of a rule that does not exist are never run.
func TestNoStrayCases(t *testing.T) {
	dirs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"rapid": true}
	for _, r := range rules.All() {
		known[r.ID] = true
	}
	for _, d := range dirs {
		if !known[d.Name()] {
			t.Errorf("testdata/%s: no rule of that name", d.Name())
		}
	}
}

func TestDocumented(t *testing.T) {
	for _, r := range rules.All() {
		if r.Title == "" || r.Doc.Why == "" || r.Doc.Fix == "" || len(r.Doc.Limit) == 0 || r.Severity == 0 {
			t.Errorf("%s: documentation or severity is missing", r.ID)
		}
		for _, l := range r.Doc.Limit {
			if strings.HasPrefix(l, "High ") || strings.HasPrefix(l, "Medium ") {
				t.Errorf("%s: %q stands among what silences the rule; Doc.Higher says when it is more severe", r.ID, l)
			}
		}
		for _, p := range r.Params {
			if p.Doc == "" || p.Default < p.Min || p.Default > p.Max || p.Name == "" {
				t.Errorf("%s: parameter %+v: undocumented, or its default out of its range", r.ID, p)
			}
			if p.Unit != "" && p.Suffix() == "" {
				t.Errorf("%s: %s counts %q, which the configuration cannot write", r.ID, p.Name, p.Unit)
			}
			if p.Unit != "" && p.Default != math.Trunc(p.Default) {
				t.Errorf("%s: the default of %s is not a whole number of %s", r.ID, p.Name, p.Unit)
			}
		}
	}
}

func TestGoldenMarkdown(t *testing.T) {
	golden.File(t, "../../docs/rules.md", string(rules.Markdown()))
}

// TestNoDayIsKept: what a finding keeps is the same on the next days, while it says another
// number of days.
func TestNoDayIsKept(t *testing.T) {
	counts := 0
	for _, r := range rules.All() {
		files, err := filepath.Glob(filepath.Join("testdata", r.ID, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			c := readCase(t, r.ID, f)
			on := func(days int) (says hygiene.Says, words string, severity hygiene.Severity) {
				p := *c.pass
				p.Now = p.Now.AddDate(0, 0, days)
				if err := p.Prepare(); err != nil {
					t.Fatal(err)
				}
				found := p.Evaluate(c.deal)
				for _, x := range found.Failed {
					if x.Rule == r.ID {
						l := hygiene.Life{Finding: x}
						p.Tell(&l)
						return x.Says, l.Message + " " + l.Value, x.Severity
					}
				}
				return says, "", 0
			}
			says, words, severity := on(0)
			for days := 1; days < 9; days++ {
				later, otherwise, grave := on(days)
				if words == "" || otherwise == "" || grave != severity || later.Value != says.Value && later.Since.IsZero() {
					continue
				}
				if later != says {
					t.Errorf("%s: kept %+v, and %d days later %+v", f, says, days, later)
				}
				if otherwise != words {
					counts++
				}
			}
		}
	}
	if counts < 50 {
		t.Errorf("only %d findings say something else on another day", counts)
	}
}
