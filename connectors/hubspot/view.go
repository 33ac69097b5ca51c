package hubspot

import (
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// view is the portal as seen with one token. A view is kept for some time.
type view struct {
	portal.Portal

	token   string // identity of the credential; never printed
	at      time.Time
	doubted bool                       // an answer lacked a property of the schema
	refused map[string]*api.ScopeError // by object: why the token may not read the object
}

func (v *view) hidden(object string) bool { return v.refused[object] != nil }

// blocked returns why nothing of a stream can be read, nil where something can.
func (v *view) blocked(name crm.Stream) error {
	switch name {
	case crm.Contacts:
		if err := v.refused["contacts"]; err != nil {
			return err
		}
	case crm.Activities:
		for _, object := range portal.Activities {
			if !v.hidden(object) {
				return nil
			}
		}
		return v.refused[portal.Activities[0]]
	}
	return nil
}

// why says which of the objects the token may not read, which scopes the token lacks
// and what to do; "" says that the token may read all of them.
func (v *view) why(remedy string, objects ...string) string {
	var lacks []string // in the order of the objects
	whats := map[string][]string{}
	for _, object := range objects {
		if e := v.refused[object]; e != nil {
			if whats[e.Lacks] == nil {
				lacks = append(lacks, e.Lacks)
			}
			whats[e.Lacks] = append(whats[e.Lacks], object)
		}
	}
	if len(lacks) == 0 {
		return ""
	}
	var words []string
	for _, l := range lacks {
		words = append(words, api.Unscoped(strings.Join(whats[l], ", "), l))
	}
	return strings.Join(words, "; ") + "; " + remedy
}

// How long a view is kept. Where a scope or a property is missing, somebody may be about
// to add it.
const (
	describeEvery = 24 * time.Hour
	retryEvery    = time.Hour // where something is missing
)

// lasts is how long the view is kept. Calls show that a scope or a property was lost;
// no call shows that one was added.
func (v *view) lasts() time.Duration {
	if v.doubted {
		return freshEnough
	}
	if len(v.refused) > 0 || len(v.Schema.Missing()) > 0 || v.Zone.String() == "" {
		return retryEvery
	}
	return describeEvery
}

// historyMark differs from that of a version of the program that kept less of the entries of
// a history, so that all histories are read again. It is part of cursors.
const historyMark = "entries with their writers"

// fields lists, for the cursor, what a stream is read with.
func (v *view) fields(name crm.Stream) []string {
	out := v.selection(name)
	if name == crm.History {
		out = append(slices.Clip(out), historyMark)
	}
	return out
}

// selection lists the properties that a stream is read with, or the kinds of object, each with
// a mark of its properties.
func (v *view) selection(name crm.Stream) []string {
	switch name {
	case crm.Opportunities:
		return v.Schema.Selection()
	case crm.History:
		var out []string
		for _, h := range v.Schema.Historic() {
			out = append(out, h.From.Name)
		}
		return out
	case crm.Activities:
		var out []string
		for _, object := range portal.Activities {
			if !v.hidden(object) {
				out = append(out, portal.ActivityMark(object))
			}
		}
		return out
	}
	return nil
}
