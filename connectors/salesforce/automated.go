package salesforce

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// DefaultAutomatedSubjects are the subjects of activities that a tool writes by
// itself: that a mail was opened or clicked, that the buyer's mail server
// answered, that a meeting was called off. An email or call that a rep made
// through the same tool is a rep's touch, and none of these catches it.
//
// None of the four tools tells by the subject whether a step of a sequence was
// sent by the machine or by a person who looked at it first, so sequences are not
// in the list: a touch that is dropped makes a finding, one too many only delays
// it. Who lets machines send adds what the org's own steps are called, such as
// "[Apollo >>]*[Seq: Nurture*".
func DefaultAutomatedSubjects() []string {
	return []string{
		// Outreach posts opens and clicks as activities of their own where that is
		// switched on (spekit.com, Outreach terminology, "Messages and events"). The
		// word Opened stands in public code; Clicked and Bounced are unverified.
		"[Outreach] [Email] [Opened]*",
		"[Outreach] [Email] [Clicked]*",
		"[Outreach] [Email] [Bounced]*",
		// Mail from the buyer has these prefixes (public code that reads such tasks,
		// docs.calibermind.com on event classes); "Automatic reply:" is what Outlook
		// and Exchange put before an absence note. Salesloft's is unverified.
		"[Outreach] [Email] [In] Automatic reply:*",
		"Reply: Automatic reply:*", // Salesloft
		"[Apollo] [Email] [<<] Automatic reply:*",
		"Email: << Automatic reply:*", // Apollo, older
		"[Gong In] Automatic reply:*",
		// Gong puts "Meeting Canceled" in the title of one that was called off
		// (help.gong.io, "Configure Salesforce tasks or events"); that it stands at the
		// beginning is unverified.
		"Meeting Canceled:*",
		"[Gong] Meeting Canceled*",
	}
}

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

// machines says which activities nobody made.
type machines struct {
	names    []string // user names and emails in lower case
	ids      []string // user ids in their long form
	subjects []glob
	mark     string // changes with what is configured
}

func newMachines(users, subjects []string) machines {
	if subjects == nil {
		subjects = DefaultAutomatedSubjects()
	}
	var m machines
	for _, u := range users {
		u = strings.TrimSpace(u)
		if long, ok := LongID(u); ok {
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

// made reports whether a machine made the activity in r: a configured login, a
// tool by itself, or we. What the login that reads (its user id) creates for
// somebody else is our own reminder; what it owns is the work of whoever uses it.
func (m *machines) made(r *row, login string) bool {
	by := r.text("CreatedById")
	if login != "" && by == login && r.text("OwnerId") != login {
		return true
	}
	if slices.Contains(m.ids, by) {
		return true
	}
	for _, name := range []string{"CreatedBy.Username", "CreatedBy.Email"} {
		if len(m.names) > 0 && slices.Contains(m.names, strings.ToLower(r.text(name))) {
			return true
		}
	}
	if len(m.subjects) == 0 {
		return false
	}
	subject := strings.ToLower(strings.TrimSpace(r.text("Subject")))
	return subject != "" && slices.ContainsFunc(m.subjects, func(g glob) bool { return g.matches(subject) })
}
