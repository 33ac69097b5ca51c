package login

import "sync/atomic"

// Session is one session of the API. It holds a secret and is never printed.
type Session struct {
	Instance  string // scheme and host of the API
	Org, User string // 18-character ids, "" where the reply did not tell
	Name      string // our name for it, for cursors

	value      string
	generation int64
	instead    bool        // of one that was refused
	worked     atomic.Bool // an answer has come for it
}

// Secret is what signs a call; nothing that is printed may hold it.
func (s *Session) Secret() string { return s.value }

// Worked notes that an answer has come for the session.
func (s *Session) Worked() { s.worked.Store(true) }

// Doubtful reports whether the session came instead of one that was refused, and
// has not worked yet: a third one would be refused as well.
func (s *Session) Doubtful() bool { return s.instead && !s.worked.Load() }
