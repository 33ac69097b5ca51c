// Package machine says which activities no person made: activities that the login of
// a tool created, activities whose subject a tool writes by itself, and Pipetidy's own
// reminders. An activity that a person made counts as contact with the customer.
//
// The package decides by rows of Task and Event. Package salesforce queries the rows
// and marks the activities. A newcomer opens [Machines.Made] first, then [Subjects].
package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// glob is a pattern in lower case, split at its stars.
type glob []string

func newGlob(pattern string) glob {
	return strings.Split(strings.ToLower(strings.TrimSpace(pattern)), "*")
}

// matches reports whether the pattern matches all of s, which is in lower case.
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

// Machines says which activities no person made.
type Machines struct {
	names    []string // user names and emails in lower case
	ids      []string // user ids in their long form
	subjects []glob
	mark     string // see Mark
}

// New returns the machines of the configuration. users are logins of tools: user
// names, emails or ids. subjects are patterns; nil means the patterns of [Subjects].
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
		if g := newGlob(p); strings.Join(g, "") != "" { // stars alone would match everybody's activities
			m.subjects = append(m.subjects, g)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat(users, []string{""}, subjects), "\n")))
	m.mark = hex.EncodeToString(sum[:4])
	return m
}

// Named reports whether Made requires the name or the email of an activity's creator.
func (m *Machines) Named() bool { return len(m.names) > 0 }

// Mark is a text that differs between configurations, so that a change of the
// configuration is noticed.
func (m *Machines) Mark() string { return m.mark }

// Made reports whether a machine made the activity in r: a configured login, a tool by
// itself, or Pipetidy. login is the id of Pipetidy's own user: an activity that this
// user created for another owner is a reminder of ours. An activity that this user
// created and owns is the work of a person who shares the user.
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
