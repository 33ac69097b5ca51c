package api

import (
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
)

// classify says which answers package rest may try again at once. Get keeps the waits
// that HubSpot asks for, because such a wait concerns other calls too.
func classify(resp *rest.Response) rest.Class {
	switch resp.Status {
	case http.StatusOK, http.StatusMultiStatus:
		switch {
		case rest.IsHTML(resp):
			return rest.Stop
		case !rest.Complete(resp.Body):
			return rest.Retry
		}
	case http.StatusTooManyRequests, http.StatusLocked, statusMigration, statusOrigin:
		return rest.Stop
	}
	return rest.ByStatus(resp)
}

// Statuses that only HubSpot and its edge answer with.
const (
	statusMigration = 477 // the portal moves to another data centre
	statusOrigin    = 530 // instead of 401 for a text that is no token
)

// longest is how long a call waits at most because HubSpot asks for it. Where HubSpot asks
// for more, the call ends, and the error says until when.
const longest = 60 * time.Second

// later recognises the answers that ask for a later call, and says after how long.
// rolling says that the call counts in the window of ten seconds.
func later(resp *rest.Response, rolling bool, try int) (wait time.Duration, ok bool) {
	switch resp.Status {
	case http.StatusTooManyRequests:
		e := readError(resp.Body)
		switch {
		case e.daily():
			return 0, false
		case e.secondly() || !rolling:
			wait = time.Duration(try) * time.Second
		default:
			wait = callWindow
		}
	case http.StatusLocked:
		wait = time.Duration(2*try) * time.Second
	case statusMigration:
		wait = longest
	default:
		return 0, false
	}
	asked, said := rest.RetryAfter(resp.Header, time.Now())
	if said && asked > longest {
		return 0, false
	}
	if said {
		wait = max(asked, time.Second)
	}
	return wait, true
}
