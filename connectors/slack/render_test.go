package slack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/digest"
)

// decode reads our messages with somebody else's client.
func decode(t *testing.T, ms []message) []slackgo.Blocks {
	t.Helper()
	var out []slackgo.Blocks
	for i, m := range ms {
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var p post
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if code := check(p); code != "" {
			t.Errorf("message %d is refused: %s", i, code)
		}
		if len(m.Blocks) > maxBlocks {
			t.Errorf("message %d has %d blocks", i, len(m.Blocks))
		}
		if runes(m.Text) > 4000 || m.Text == "" {
			t.Errorf("message %d has a text of %d characters", i, runes(m.Text))
		}
		var bs slackgo.Blocks
		if err := json.Unmarshal(p.Blocks, &bs); err != nil {
			t.Fatalf("message %d: slack-go cannot read the blocks: %v", i, err)
		}
		for _, b := range bs.BlockSet {
			switch b.(type) {
			case *slackgo.SectionBlock, *slackgo.HeaderBlock, *slackgo.ContextBlock:
			default:
				t.Errorf("message %d: slack-go reads a %T", i, b)
			}
		}
		out = append(out, bs)
	}
	return out
}

func TestBlocksOfASample(t *testing.T) {
	d, _ := connectortest.Sample()
	ms := messages(d, true)
	blocks := decode(t, ms)
	if len(ms) != 2 {
		t.Fatalf("%d messages", len(ms))
	}
	h, ok := blocks[0].BlockSet[0].(*slackgo.HeaderBlock)
	if !ok || h.Text.Text != "Test: Team West · Tue 24 Nov" || h.Text.Emoji == nil || *h.Text.Emoji {
		t.Errorf("header %+v", blocks[0].BlockSet[0])
	}
	if !strings.HasPrefix(ms[0].Text, "Test: Team West: 6 new, 9 fixed\n") {
		t.Errorf("text begins %.60q", ms[0].Text)
	}
	var all strings.Builder
	for _, m := range ms {
		for _, b := range m.Blocks {
			if b.Text != nil {
				all.WriteString(b.Text.Text + "\n")
			}
		}
	}
	for _, want := range []string{"list in thread", "*TEAM*\n```Rep", "• <https://acme.my.salesforce.com/007|Wonka>"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, all.String())
		}
	}
}

// control matches a link or a mention: text that Slack would act upon.
var control = regexp.MustCompile(`<[^>]*>`)

func inert(t *testing.T, where, text string) {
	t.Helper()
	for _, m := range control.FindAllString(text, -1) {
		if !strings.HasPrefix(m, "<https://") || strings.Count(m, "|") != 1 {
			t.Errorf("%s: %q would be acted upon", where, m)
		}
	}
	if strings.ContainsAny(text, "\u202e\r\x00\x1b") {
		t.Errorf("%s: a control is left in %q", where, text)
	}
	if emoji.MatchString(control.ReplaceAllString(text, "")) {
		t.Errorf("%s: an emoji name is left in %q", where, text)
	}
}

func TestHostileNamesAreInert(t *testing.T) {
	d, _ := connectortest.Sample()
	for i, m := range messages(d, false) {
		inert(t, fmt.Sprintf("text %d", i), m.Text)
		for _, b := range m.Blocks {
			if b.Text != nil {
				inert(t, b.Type, b.Text.Text)
			}
		}
	}
	got := span(digest.Span{Text: connectortest.Hostile, URL: "https://x.example/1?a=1&b=2", Bold: true}, 100)
	want := `*<https://x.example/1?a=1&amp;b=2|" Bcc: x@y" &lt;b&gt;&amp; ǀ&gt; &lt;!channel&gt; =cmd() 😀 gnp.exe>*`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"a & b < c > d":           "a &amp; b &lt; c &gt; d",
		"*bold* _it_ ~no~ `code`": "∗bold∗ ˍitˍ ∼no∼ ˋcodeˋ",
		"Decision_Criteria__c":    "Decision_Criteria__c",
		"08:12, limit: 14":        "08:12, limit: 14",
		":tada: 1:2:3 :100:":      "꞉tada꞉ 1꞉2꞉3 ꞉100꞉",
		"Data of 08:00: all read": "Data of 08:00: all read",
		"אבי 12 כהן $86k":         "\u2068אבי 12 כהן\u2069 $86k",
		"<@U123> <!here>":         "&lt;@U123&gt; &lt;!here&gt;",
	} {
		if got := escape(in); got != want {
			t.Errorf("escape(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.StringOf(rapid.SampledFrom([]rune("<>&|*_~`:@#! ax\u202e\n"))).Draw(rt, "in")
		if out := label(in); strings.ContainsAny(out, "<>|*~`\n") {
			rt.Fatalf("%q", out)
		}
	})
}

// TestLimits renders digests that are larger than anything Slack takes.
func TestLimits(t *testing.T) {
	long := strings.Repeat("& ", 900)
	d := &digest.Digest{Subject: strings.Repeat("s", 500)}
	s := digest.Section{Title: strings.Repeat("<", 300), Lines: []digest.Line{{{Text: long}}}}
	d.Sections = append(d.Sections, s)
	n := 0
	for i := range 100 {
		d.Sections = append(d.Sections, digest.Section{Title: fmt.Sprint("T", i), Lines: []digest.Line{{
			{Text: fmt.Sprintf("%d ", i+1), Role: digest.Index}, {Text: fmt.Sprintf("deal-%d.", i), URL: "https://x.example/" + strings.Repeat("u", 1400), Bold: true}, {Text: long}, {Text: long}}}})
	}
	var rows [][]string
	for i := range 300 {
		rows = append(rows, []string{fmt.Sprintf("row-%d. %s", i, strings.Repeat("<", 50)), "1", "2", "3"})
	}
	d.Sections = append(d.Sections, digest.Section{Title: "TEAM", Table: &digest.Table{Head: []string{"Rep", "a", "b", "c"}, Rows: rows}})
	for range 20 {
		o := digest.Section{Title: "Ana: 20 deals"}
		for range 20 {
			o.Lines = append(o.Lines, digest.Line{{Text: "• ", Role: digest.Index}, {Text: fmt.Sprintf("over-%d.", n)}, {Text: strings.Repeat("y", 300)}})
			n++
		}
		d.Overflow = append(d.Overflow, o)
	}
	ms := messages(d, false)
	decode(t, ms)
	var all strings.Builder
	for i, m := range ms {
		chars := 0
		for _, b := range m.Blocks {
			chars += b.chars()
			if b.Text != nil {
				all.WriteString(b.Text.Text)
			}
		}
		if chars > maxChars {
			t.Errorf("message %d has %d characters", i, chars)
		}
	}
	for i := range n {
		if !strings.Contains(all.String(), fmt.Sprintf("over-%d.", i)) {
			t.Fatalf("line %d of the overflow is lost", i)
		}
	}
	for i := range 300 {
		if !strings.Contains(all.String(), fmt.Sprintf("row-%d. ", i)) {
			t.Fatalf("row %d is lost", i)
		}
	}
	for i := range 100 {
		if !strings.Contains(all.String(), fmt.Sprintf("deal-%d.", i)) {
			t.Fatalf("deal %d is lost", i)
		}
	}
}

func TestTableIsNarrow(t *testing.T) {
	tab := &digest.Table{Head: []string{"Rep", "needs update", "new", "fixed since 16 Nov"}, Rows: [][]string{{strings.Repeat("n", 60), "1,000", "100", "12"}}}
	for _, p := range table(tab) {
		for l := range strings.Lines(strings.Trim(p.text, "`")) {
			if runes(l) > tableWidth {
				t.Errorf("%d columns: %s", runes(l), l)
			}
		}
	}
}

// TestUntitledTestSend marks a test of a digest that begins without a title.
func TestUntitledTestSend(t *testing.T) {
	d := &digest.Digest{Subject: "Your deals: 1 needs an update", Sections: []digest.Section{{Lines: []digest.Line{{{Text: "Good morning Cleo."}}}}}}
	for _, test := range []bool{true, false} {
		blocks := messages(d, test)[0].Blocks
		if got := blocks[0].Text.Text == "*Test*"; got != test {
			t.Errorf("test %v: begins with %q", test, blocks[0].Text.Text)
		}
	}
}
