package main

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	outside "github.com/pipetidy/pipetidy/digest/plain"
)

// plain makes text from outside inert in a terminal: one line, without escape
// sequences and without characters that change the direction of what follows.
func plain(s string) string { return outside.Text(s) }

// active reports whether a terminal does something with r instead of showing it:
// control characters, line and paragraph separators, and the format characters
// that turn the direction of text or hide it. Joiners are not active: emoji are made
// with joiners.
func active(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return true
	case r == '\u200d', r == '\u200c': // zero width joiner and non-joiner
		return false
	case r >= 0xe0000 && r <= 0xe007f: // tags: the flags of England, Scotland and Wales use them, and so do attacks
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// columns is the width of s on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clip shortens s to n columns, with an ellipsis where something was cut.
func clip(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wrap breaks s at spaces into lines of at most n columns. A longer word stays whole,
// because nobody can follow a link that is cut; so does a command between backquotes,
// because the half of it that somebody copies is another command.
func wrap(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range wholes(s) {
		w := columns(word)
		switch {
		case line == "":
			line, used = word, w
		case used+1+w <= n:
			line, used = line+" "+word, used+1+w
		default:
			lines = append(lines, line)
			line, used = word, w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// wholes are the parts of s that a line end must not divide.
func wholes(s string) []string {
	fields := strings.Fields(s)
	var out []string
	for i := 0; i < len(fields); i++ {
		end := i
		if opens(fields[i]) {
			if n := slices.IndexFunc(fields[i+1:], opens); n >= 0 {
				end = i + 1 + n
			}
		}
		out = append(out, strings.Join(fields[i:end+1], " "))
		i = end
	}
	return out
}

// opens reports whether what stands between backquotes begins or ends in the word.
func opens(word string) bool { return strings.Count(word, "`")%2 == 1 }
