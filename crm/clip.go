package crm

import (
	"strings"
	"unicode/utf8"
)

// MostText is how many characters are kept of a text that is compared, and not quoted as a
// whole: the subject of an activity, the name of an app.
const MostText = 255

// Clip is text without the white space around it, on one line, and cut to [MostText]
// characters. What is not UTF-8 is replaced.
func Clip(text string) string {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if strings.ContainsAny(text, "\n\r\t\x00") {
		text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' || r == 0 }), " ")
	}
	if len(text) <= MostText || utf8.RuneCountInString(text) <= MostText {
		return text
	}
	n := 0
	for i := range text {
		if n == MostText {
			return strings.TrimSpace(text[:i])
		}
		n++
	}
	return text
}
