package digest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
)

func TestTextIsNarrow(t *testing.T) {
	_, in := load(t, "testdata/compose/golden.txtar")
	d := digest.Compose(in)
	for l := range strings.Lines(text.Write(&d, text.Options{Width: 76})) {
		if n := text.Columns(strings.TrimSuffix(l, "\n")); n > 76 {
			t.Errorf("%d columns: %s", n, l)
		}
	}
}

func TestTextForATerminal(t *testing.T) {
	_, in := load(t, "testdata/compose/golden.txtar")
	d := digest.Compose(in)
	plainText := text.Write(&d, text.Options{Width: 80})
	bold := text.Write(&d, text.Options{Width: 80, Bold: true})
	if !strings.Contains(bold, "\x1b[1mGlobex renewal\x1b[0m $86k") {
		t.Errorf("no bold name in:\n%s", bold)
	}
	if got := regexp.MustCompile("\x1b\\[[01]m").ReplaceAllString(bold, ""); got != plainText {
		t.Error("bold changes more than the weight of letters")
	}
	links := text.Write(&d, text.Options{Width: 80, Links: true})
	if !strings.Contains(links, "\n   https://acme.lightning.force.com/lightning/r/Opportunity/Globex-renewal\n") {
		t.Errorf("no address on a line of its own in:\n%s", links)
	}
}

func TestTextOfHostileNames(t *testing.T) {
	_, in := load(t, "testdata/compose/hostile.txtar")
	d := digest.Compose(in)
	for _, o := range []text.Options{{}, {Width: 76, Links: true}} {
		got := text.Write(&d, o)
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && (r < ' ' || r == '\u202e' || r == '\u2066') }); i >= 0 {
			t.Errorf("%+q is left", got[i:min(i+20, len(got))])
		}
		if strings.Contains(got, "javascript:") {
			t.Error("an address that is none is shown as a link")
		}
	}
}
