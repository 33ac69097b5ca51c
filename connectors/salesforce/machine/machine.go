// Package machine says which activities nobody made: those of logins of tools, those
// whose subject a tool writes by itself, and Pipetidy's own reminders. It reads rows
// of tasks and events; which of their columns are asked for is for package
// salesforce.
package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// glob is a pattern in lower case, cut at its stars.
type glob []string

func newGlob(pattern string) glob {
	return strings.Split(strings.ToLower(strings.TrimSpace(pattern)), "*")
}

// matches reports whether the whole of s, which is in lower case, fits.
func (g glob) matches(s string) bool {
	first, last := g[0], g[len(g)-1]
	if len(g) == 1 {
		return s == first
	}
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, piece := range g[1 : len(g)-1] {
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return true
}

// Machines says which activities nobody made.
type Machines struct {
	names    []string // user names and emails in lower case
	ids      []string // user ids in their long form
	subjects []glob
	mark     string // changes with what is configured
}

// New returns the machines of the configuration: logins of tools by user name, email
// or id, and patterns of subjects, nil for those of [Subjects].
func New(users, subjects []string) *Machines {
	if subjects == nil {
		subjects = patterns()
	}
	m := &Machines{}
	for _, u := range users {
		u = strings.TrimSpace(u)
		if long, ok := row.LongID(u); ok {
			m.ids = append(m.ids, long)
		} else if u != "" {
			m.names = append(m.names, strings.ToLower(u))
		}
	}
	for _, p := range subjects {
		if g := newGlob(p); strings.Join(g, "") != "" { // stars alone would be everybody's work
			m.subjects = append(m.subjects, g)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat(users, []string{""}, subjects), "\n")))
	m.mark = hex.EncodeToString(sum[:4])
	return m
}

// Named reports whether it matters by name who made a row.
func (m *Machines) Named() bool { return len(m.names) > 0 }

// ReadsSubjects reports whether it matters what people wrote.
func (m *Machines) ReadsSubjects() bool { return len(m.subjects) > 0 }

// Mark changes with what is configured.
func (m *Machines) Mark() string { return m.mark }

// Made reports whether a machine made the activity in r: a configured login, a
// tool by itself, or we. What the login that reads (its user id) creates for
// somebody else is our own reminder; what it owns is the work of whoever uses it.
func (m *Machines) Made(r *row.Row, login string) bool {
	by := r.Text("CreatedById")
	if login != "" && by == login && r.Text("OwnerId") != login {
		return true
	}
	if slices.Contains(m.ids, by) {
		return true
	}
	for _, name := range []string{"CreatedBy.Username", "CreatedBy.Email"} {
		if len(m.names) > 0 && slices.Contains(m.names, strings.ToLower(r.Text(name))) {
			return true
		}
	}
	if len(m.subjects) == 0 {
		return false
	}
	subject := strings.ToLower(strings.TrimSpace(r.Text("Subject")))
	return subject != "" && slices.ContainsFunc(m.subjects, func(g glob) bool { return g.matches(subject) })
}
