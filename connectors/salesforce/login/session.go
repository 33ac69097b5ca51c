package login

import "sync/atomic"

// Session is one session of the API. A session holds a secret, so it is never printed.
type Session struct {
	Instance  string // scheme and host of the API
	Org, User string // 18-character ids, "" if the token reply did not tell
	Name      string // our name for the session, for cursors

	value      string
	generation int64
	instead    bool        // the session replaces a refused one
	worked     atomic.Bool // the API has accepted the session
}

// Secret is the token that goes with each call; nothing that is printed may hold it.
func (s *Session) Secret() string { return s.value }

// Worked notes that the API has accepted the session.
func (s *Session) Worked() { s.worked.Store(true) }

// Doubtful reports whether the session replaces a refused one and has not worked yet:
// a third session would be refused as well.
func (s *Session) Doubtful() bool { return s.instead && !s.worked.Load() }
