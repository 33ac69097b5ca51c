package salesforce

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// automatedSubject is the subject of an activity that a tool writes by itself.
type automatedSubject struct{ pattern, tool, from string }

// automatedSubjects say that a mail was opened or clicked, that the buyer's mail
// server answered, or that a meeting was called off. An email or call that a rep
// made through the same tool is a rep's touch, and none of these catches it.
//
// None of the four tools tells by the subject whether a step of a sequence was
// sent by the machine or by a person who looked at it first, so sequences are not
// in the list: a touch that is dropped makes a finding, one too many only delays
// it. Who lets machines send adds what the org's own steps are called, such as
// "[Apollo >>]*[Seq: Nurture*".
var automatedSubjects = []automatedSubject{
	{"[Outreach] [Email] [Opened]*", "Outreach", "opens and clicks are posted where that is switched on (spekit.com, Outreach terminology); the word Opened stands in public code"},
	{"[Outreach] [Email] [Clicked]*", "Outreach", "as Opened; the word is unverified"},
	{"[Outreach] [Email] [Bounced]*", "Outreach", "unverified"},
	{"[Outreach] [Email] [In] Automatic reply:*", "Outreach", "the prefix of received mail (docs.calibermind.com, event classifications) and Outlook's own of an absence note"},
	{"Reply: Automatic reply:*", "Salesloft", "the same; that the prefix is Salesloft's is unverified"},
	{"[Apollo] [Email] [<<] Automatic reply:*", "Apollo", "the same; the prefix stands in public code"},
	{"Email: << Automatic reply:*", "Apollo", "the same; an older prefix"},
	{"[Gong In] Automatic reply:*", "Gong", "the same; the prefix stands in public code"},
	{"Meeting Canceled:*", "Gong", "the title of a meeting that was called off says so (help.gong.io, Configure Salesforce tasks or events); that it stands at the beginning is unverified"},
	{"[Gong] Meeting Canceled*", "Gong", "the same"},
}

// DefaultAutomatedSubjects are the patterns that count unless others are
// configured.
func DefaultAutomatedSubjects() []string {
	var patterns []string
	for _, s := range automatedSubjects {
		patterns = append(patterns, s.pattern)
	}
	return patterns
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

// made reports whether a machine made the activity in r: a configured login, a
// tool by itself, or we. What the login that reads (its user id) creates for
// somebody else is our own reminder; what it owns is the work of whoever uses it.
func (m *machines) made(r *row.Row, login string) bool {
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
