package api

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
