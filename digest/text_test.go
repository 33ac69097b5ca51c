package digest

import (
	"regexp"
	"strings"
	"testing"
)

func TestTextIsNarrow(t *testing.T) {
	_, in := load(t, "testdata/compose/golden.txtar")
	d := Compose(in)
	for l := range strings.Lines(Text(&d, 76)) {
		if n := columns(strings.TrimSuffix(l, "\n")); n > 76 {
			t.Errorf("%d columns: %s", n, l)
		}
	}
}

func TestTextForATerminal(t *testing.T) {
	_, in := load(t, "testdata/compose/golden.txtar")
	d := Compose(in)
	plainText := TextWith(&d, TextOptions{Width: 80})
	bold := TextWith(&d, TextOptions{Width: 80, Bold: true})
	if !strings.Contains(bold, "\x1b[1mGlobex renewal\x1b[0m $86k") {
		t.Errorf("no bold name in:\n%s", bold)
	}
	if got := regexp.MustCompile("\x1b\\[[01]m").ReplaceAllString(bold, ""); got != plainText {
		t.Error("bold changes more than the weight of letters")
	}
	links := TextWith(&d, TextOptions{Width: 80, Links: true})
	if !strings.Contains(links, "\n   https://acme.lightning.force.com/lightning/r/Opportunity/Globex-renewal\n") {
		t.Errorf("no address on a line of its own in:\n%s", links)
	}
}

func TestTextOfHostileNames(t *testing.T) {
	_, in := load(t, "testdata/compose/hostile.txtar")
	d := Compose(in)
	for _, o := range []TextOptions{{}, {Width: 76, Links: true}} {
		got := TextWith(&d, o)
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && (r < ' ' || r == '\u202e' || r == '\u2066') }); i >= 0 {
			t.Errorf("%+q is left", got[i:min(i+20, len(got))])
		}
		if strings.Contains(got, "javascript:") {
			t.Error("an address that is none is shown as a link")
		}
	}
}

func TestAlignedGivesWay(t *testing.T) {
	table := &Table{Head: []string{"Rep", "needs update", "new"}, Rows: [][]string{{strings.Repeat("長", 40), "12", "3"}, {"Bo", "3", "0"}}}
	got := Aligned(table, 40, true)
	for l := range strings.Lines(got) {
		if n := columns(strings.TrimSuffix(l, "\n")); n > 40 {
			t.Errorf("%d columns: %s", n, l)
		}
	}
	if !strings.Contains(got, "…") || !strings.Contains(got, " 3 · ") {
		t.Errorf("got:\n%s", got)
	}
}
