package plain

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Globex renewal", "Globex renewal"},
		{" $86k ", " $86k "},
		{"a\r\nBcc: x@y", "a Bcc: x@y"},
		{"a \t\v\f\u0085\u2028\u2029\u00a0 b", "a b"},
		{"a\x00\x1b[31mb\x7f\u009b", "a[31mb"},
		{"\u202egnp.exe\u202c \u2066x\u2069\u200e", "gnp.exe x"},
		{"zero\u200bwidth\ufeff\u00ad\u2060", "zerowidth"},
		{"bad \xff\xfe utf", "bad \ufffd\ufffd utf"},
		{"👩\u200d💻 stays", "👩\u200d💻 stays"},
		{"a\u200db", "ab"},
		{"می\u200cخواهم", "می\u200cخواهم"},
		{"❤\ufe0f", "❤\ufe0f"},
		{"tag\U000e0041\U000e0042s", "tags"},
		{"Z" + strings.Repeat("\u0301", 40), "Z" + strings.Repeat("\u0301", 4)},
		{"ᅟblank\u3164", "blank"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("Text(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
	if got := Text(strings.Repeat("ä", 3000)); utf8.RuneCountInString(got) != Max+1 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text has %d runes", utf8.RuneCountInString(got))
	}
	if got := Clip("  Globex renewal platform ", 8); got != "Globex…" {
		t.Errorf("Clip gives %q", got)
	}
}

func TestTextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "in")
		out := Text(in)
		if !utf8.ValidString(out) || strings.Contains(out, "  ") {
			t.Fatalf("%+q", out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
				t.Fatalf("%+q holds %U", out, r)
			}
		}
		if again := Text(out); again != out {
			t.Fatalf("%+q becomes %+q when cleaned again", out, again)
		}
	})
}

// TestIsolate: what is written from right to left stays apart, and nothing else changes.
func TestIsolate(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Globex $86k", "Globex $86k"},
		{"אבי כהן $86k, Commit", "[אבי כהן] $86k, Commit"},
		{"Ana: שלום 24 עולם 12", "Ana: [שלום 24 עולם] 12"},
		{"שלום Globex שלום", "[שלום] Globex [שלום]"},
		{"مُحَمَّد $5", "[مُحَمَّد] $5"},
		{"א\nב", "[א]\n[ב]"},
		{"٣٤ 34", "٣٤ 34"}, // digits have a direction of their own
		{"", ""},
	} {
		want := strings.NewReplacer("[", "\u2068", "]", "\u2069").Replace(c.want)
		if got := Isolate(c.in); got != want {
			t.Errorf("Isolate(%+q) = %+q, want %+q", c.in, got, want)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.StringOf(rapid.SampledFrom([]rune("אבم َا a1 $,\n"))).Draw(rt, "in")
		out := Isolate(in)
		if strings.NewReplacer("\u2068", "", "\u2069", "").Replace(out) != in {
			rt.Fatalf("%+q became %+q", in, out)
		}
		open := false
		for _, r := range out {
			if r == '\u2068' && open || r == '\u2069' && !open || r == '\n' && open {
				rt.Fatalf("%+q is not balanced", out)
			}
			open = open && r != '\u2069' || r == '\u2068'
		}
	})
}

func TestWeb(t *testing.T) {
	for _, u := range []string{"https://acme.my.salesforce.com/006?x=1&y=2", "http://127.0.0.1:1/x#y"} {
		if !Web(u) {
			t.Errorf("%q is refused", u)
		}
	}
	for _, u := range []string{"", "https://", "javascript:alert(1)", "//x", "https://x|y", "https://x>y", "https://x\"y", "https://x\ny", "https://ü", "mailto:x@y"} {
		if Web(u) {
			t.Errorf("%q is a link", u)
		}
	}
}
