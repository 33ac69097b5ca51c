package salesforce

import (
	"net/http"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// SizeLimits limit how much a query may match; the zero value allows everything.
type SizeLimits struct {
	// SlowOver holds for an object how many rows a WHERE may match before the query
	// is refused as too slow. A LIMIT does not reduce the number.
	SlowOver map[string]int
	// MostWhoWhats is how many different records the tasks or events of one query
	// may be about, for a login without View All Data; 0 is any number.
	MostWhoWhats int
}

// tooMuch refuses a query that matches too much. ids are all that match.
func (s *queries) tooMuch(stmt *soql.Statement, ids []string, limits SizeLimits) error {
	if n, ok := limits.SlowOver[stmt.Object.Name]; ok && len(ids) > n {
		return fail(http.StatusBadRequest, "QUERY_TIMEOUT", "Your query request was running for too long.")
	}
	if limits.MostWhoWhats == 0 || stmt.Object.Name != "Task" && stmt.Object.Name != "Event" {
		return nil
	}
	about := map[any]bool{}
	for _, id := range ids {
		v := s.rec.Tables[stmt.Object.Name].ByID[id].Values
		for _, field := range []string{"WhoId", "WhatId"} {
			if v[field] != nil {
				about[v[field]] = true
			}
		}
	}
	if len(about) > limits.MostWhoWhats {
		return fail(http.StatusBadRequest, "OPERATION_TOO_LARGE", "exceeded %d distinct who/what's", limits.MostWhoWhats)
	}
	return nil
}
