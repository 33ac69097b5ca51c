package form

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a configuration file.
type Problem struct { //nolint:errname // it is more than its text
	File    string // File.Name
	Line    int    // from 1; 0 concerns the file as a whole
	Column  int    // from 1, in characters; 0 where Line is
	Path    string // of the key: sources[0].every; "" is the file
	Message string // what is wrong and what to write instead
	Excerpt string // the line with a mark under the column; secrets are blanked
	Cause   error  // why the file, or one that it names, could not be read; nil is a mistake in the file
}

// Error is the place and the message, in one line.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems are all the mistakes of a file, by position.
type Problems []Problem //nolint:errname // as Problem

// Error is every problem with its excerpt, for a terminal.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
		if p.Excerpt != "" {
			b.WriteByte('\n')
			b.WriteString(p.Excerpt)
		}
	}
	return b.String()
}

// Unwrap returns the causes, so that a file that the system could not read is told from a
// mistake.
func (ps Problems) Unwrap() []error {
	var causes []error
	for _, p := range ps {
		if p.Cause != nil {
			causes = append(causes, p.Cause)
		}
	}
	return causes
}

// Join is the problems of several looks at one file, in order.
func Join(looks ...Problems) Problems { return slices.Concat(looks...).sorted() }

// sorted orders the problems by position and drops repetitions.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ps)
}
