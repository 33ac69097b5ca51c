package hubspot

import (
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Tally counts the calls that the portal got since the beginning, or since
// ResetCalls.
type Tally struct {
	// Calls counts the calls that were not answered with 429, by what each call
	// reads: "deals list", "deals search", "deals batch", "deals one", "deals
	// associations" and so on for each type, "owners", "pipelines", "properties",
	// "teams", "account", "token", and "other".
	Calls map[string]int
	// Limited counts the calls that were answered with 429.
	Limited int
}

// Total is how many calls were not answered with 429.
func (t Tally) Total() int {
	n := 0
	for _, k := range t.Calls {
		n += k
	}
	return n
}

// Tally counts the calls so far.
func (h *Server) Tally() Tally {
	out := Tally{Calls: map[string]int{}}
	for _, c := range h.Calls() {
		if c.Status == http.StatusTooManyRequests {
			out.Limited++
			continue
		}
		out.Calls[callKind(c.Path)]++
	}
	return out
}

func callKind(path string) string {
	p, ok := parsePath(path)
	switch {
	case strings.HasPrefix(path, "/oauth/"):
		return "token"
	case !ok:
		return "other"
	case p.api == "account-info":
		return "account"
	case p.api == "objects" && len(p.rest) > 0:
		t := portal.TypeNamed(p.rest[0])
		switch {
		case t == nil:
			return "other"
		case len(p.rest) == 1:
			return t.Name + " list"
		case p.rest[1] == "search" || p.rest[1] == "batch":
			return t.Name + " " + p.rest[1]
		case len(p.rest) == 4:
			return t.Name + " associations"
		}
		return t.Name + " one"
	case p.api == "associations" && len(p.rest) > 0 && portal.TypeNamed(p.rest[0]) != nil:
		return portal.TypeNamed(p.rest[0]).Name + " associations"
	}
	return p.api
}
