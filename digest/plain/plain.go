// Package plain makes text from outside harmless ([Text]): names of deals and people
// come from CRMs that anybody may write into, and end up in messages, logs and
// terminals. Escaping for a medium is still the business of its renderer.
package plain

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Max is the length in runes at which Text cuts.
const Max = 2000

// Text makes text from outside harmless for every sink: control characters, bidi
// controls and invisible characters go, line ends and runs of white space become
// one space, invalid UTF-8 becomes U+FFFD, and what is longer than Max is cut
// with "…". A space at either end is kept, so that spans can be joined. Joiners
// survive between characters that need them (emoji sequences, Persian, Indic).
func Text(s string) string { return cleaned(s, Max) }

// Clip is Text without white space at the ends, cut to at most n runes.
func Clip(s string, n int) string {
	s = strings.TrimSpace(cleaned(s, Max))
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:max(n-1, 0)]), " ") + "…"
}

// maxMarks bounds the accents stacked on one character. Languages need three;
// more accents climb over the lines above.
const maxMarks = 4

func cleaned(s string, limit int) string {
	if clean(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), limit+4))
	runes, marks := 0, 0
	space := false
	var last rune
	for i, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			if space {
				continue
			}
			r, marks, space = ' ', 0, true
		case r == '\u200c' || r == '\u200d':
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if last < 0x80 || next < 0x80 || next == utf8.RuneError || hidden(next) {
				continue
			}
		case hidden(r):
			continue
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks, space = 0, false
		}
		if runes++; runes > limit {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// clean reports whether s is plain ASCII without anything to change.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// hidden reports whether r shows nothing itself but may change the text around r:
// controls, bidi controls, zero width characters, tags, the second block of variation
// selectors. The number signs of Arabic and related scripts are format characters that
// can be seen, so they are not hidden.
func hidden(r rune) bool {
	switch {
	case r >= 0x0600 && r <= 0x0605, r == 0x06dd, r == 0x070f, r == 0x0890, r == 0x0891, r == 0x08e2, r == 0x110bd, r == 0x110cd:
		return false
	case r >= 0xe0100 && r <= 0xe01ef:
		return true
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0: // fillers: letters of no width
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
}

// The isolates that [Isolate] puts around a run.
const (
	isolate = "\u2068" // first strong isolate
	release = "\u2069" // pop directional isolate
)

// Isolate keeps text that is written from right to left apart from the words around the
// text: without isolates a reader sees the amount behind a Hebrew name in front of the
// name, or its digits in the wrong place (Unicode Annex 9, "isolates").
func Isolate(s string) string {
	var b strings.Builder
	for text, rtl := range Directions(s) {
		if rtl {
			text = isolate + text + release
		}
		b.WriteString(text)
	}
	return b.String()
}

// Directions yields s in runs, and whether a run reads from right to left. Such a run
// begins and ends with a letter of a right-to-left script and holds no other letter, so a
// run is never longer than a name, and the words around the name stay outside. A line end ends a
// run too.
func Directions(s string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		begin, end, rest := -1, 0, 0 // the open run, and where what was not yielded begins
		flush := func(to int) bool {
			if begin > rest && !yield(s[rest:begin], false) {
				return false
			}
			rest = to
			ok := yield(s[begin:to], true)
			begin = -1
			return ok
		}
		for i, r := range s {
			switch {
			case rightToLeft(r):
				if begin < 0 {
					begin = i
				}
				end = i + utf8.RuneLen(r)
			case begin >= 0 && unicode.IsMark(r) && i == end:
				end = i + utf8.RuneLen(r)
			case begin >= 0 && (unicode.IsLetter(r) || r == '\n'):
				if !flush(end) {
					return
				}
			}
		}
		if begin >= 0 && !flush(end) {
			return
		}
		if rest < len(s) {
			yield(s[rest:], false)
		}
	}
}

// rightToLeft reports whether r is a letter of a script that reads from right to left.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && unicode.IsLetter(r) && unicode.In(r, scripts...)
}

// scripts are those of today that read from right to left.
var scripts = []*unicode.RangeTable{unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya, unicode.Mandaic, unicode.Samaritan}

// Web reports whether a renderer may make a link of the address u: http or https,
// without a character that could end the link early.
func Web(u string) bool {
	rest, ok := strings.CutPrefix(u, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(u, "http://")
	}
	return ok && rest != "" && len(u) <= 2000 && !strings.ContainsFunc(u, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"'`|\\{}^", r)
	})
}
