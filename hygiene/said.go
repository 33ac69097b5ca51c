package hygiene

import (
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Said is a sentence, or a part of one, as a verdict gives it and a finding keeps it: the id
// of a sentence of the catalogue (sentences/en.txt) and the values that it names, with their
// types. Neither words nor a number of days are in it: a [Voice] makes the sentence when it
// is shown, as of that day. "" says nothing.
//
// The text of a Said is the id, then for each value a blank, the letter of its kind, the
// length of its text in bytes, a colon and the text: "owner-inactive t8:Ana Lima". It is a
// string, so that lives of findings can be compared.
type Said string

// Arg is a value of a sentence.
type Arg struct {
	kind byte
	n    int
	text string
}

// The kinds of values.
const (
	argText   = 't'
	argTexts  = 'l' // with separators between
	argNumber = 'n'
	argDate   = 'd'
	argDates  = 'D'
	argSince  = 's'
	argSaid   = 'S'
	argSaids  = 'L'
)

// separator is between the texts of a list.
const separator = "\x1f"

// Text is a name, or what somebody wrote in the CRM or in the configuration.
func Text(s string) Arg { return Arg{kind: argText, text: strings.ToValidUTF8(s, "\uFFFD")} }

// Texts is a list of names.
func Texts(list []string) Arg {
	clean := make([]string, len(list))
	for i, s := range list {
		clean[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), separator, " ")
	}
	return Arg{kind: argTexts, text: strings.Join(clean, separator)}
}

// Number is a number of something that is counted.
func Number(n int) Arg { return Arg{kind: argNumber, n: n} }

// On is a date.
func On(d crm.Date) Arg { return Arg{kind: argDate, n: int(d)} }

// Dates is a list of dates.
func Dates(list []crm.Date) Arg {
	var b []byte
	for i, d := range list {
		if i > 0 {
			b = append(b, separator...)
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	return Arg{kind: argDates, text: string(b)}
}

// Since is how many business days have passed since a date, counted when it is shown.
func Since(d crm.Date) Arg { return Arg{kind: argSince, n: int(d)} }

// Part is a sentence within another one.
func Part(s Said) Arg { return Arg{kind: argSaid, text: string(s)} }

// Parts is a list of sentences within another one.
func Parts(list []Said) Arg {
	var b []byte
	for _, s := range list {
		b = strconv.AppendInt(b, int64(len(s)), 10)
		b = append(append(b, ':'), s...)
	}
	return Arg{kind: argSaids, text: string(b)}
}

// Say is the sentence of the catalogue with these values, in the order in which the
// catalogue names them.
func Say(id string, args ...Arg) Said {
	if len(args) == 0 {
		return Said(id)
	}
	var room [128]byte
	b := append(room[:0], id...)
	for i := range args {
		a := &args[i]
		var number [20]byte
		text := a.text
		b = append(b, ' ', a.kind)
		switch a.kind {
		case argNumber, argDate, argSince:
			n := strconv.AppendInt(number[:0], int64(a.n), 10)
			b = strconv.AppendInt(b, int64(len(n)), 10)
			b = append(append(b, ':'), n...)
		default:
			b = strconv.AppendInt(b, int64(len(text)), 10)
			b = append(append(b, ':'), text...)
		}
	}
	return Said(b)
}

// Plain is a sentence that is in no catalogue: an older version wrote it, or it is made of
// what somebody else wrote.
func Plain(text string) Said {
	if text == "" {
		return ""
	}
	return Say("", Text(text))
}

// args reads the values. A text that was cut or is not a Said's has those before the place
// where it ends.
func (s Said) args() (id string, args []Arg) {
	id, rest, _ := strings.Cut(string(s), " ")
	for len(rest) > 1 {
		kind := rest[0]
		text, after, ok := counted(rest[1:])
		if !ok {
			break
		}
		a := Arg{kind: kind, text: text}
		switch kind {
		case argNumber, argDate, argSince:
			a.n, _ = strconv.Atoi(text)
		}
		args = append(args, a)
		rest = strings.TrimPrefix(after, " ")
	}
	return id, args
}

// counted reads a length, a colon, and as many bytes.
func counted(s string) (text, rest string, ok bool) {
	length, rest, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(length)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return "", "", false
	}
	return rest[:n], rest[n:], true
}
