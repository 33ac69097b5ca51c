package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// apiError is an error as HubSpot writes it. Every field of it may be missing.
type apiError struct {
	Message    string                     `json:"message"`
	Category   string                     `json:"category"`
	ErrorType  string                     `json:"errorType"`
	PolicyName string                     `json:"policyName"`
	Context    map[string]json.RawMessage `json:"context"`
	Errors     []struct {
		Context map[string]json.RawMessage `json:"context"`
	} `json:"errors"`
}

// readError decodes an error's body; the zero value stands for a body of another form.
func readError(body []byte) apiError {
	var e apiError
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &e) != nil {
		return apiError{}
	}
	return e
}

// daily reports whether the calls of the day are used up, not those of the moment.
func (e apiError) daily() bool {
	return e.PolicyName == "DAILY" || strings.Contains(strings.ToLower(e.Message), "daily limit")
}

func (e apiError) secondly() bool {
	return e.PolicyName == "SECONDLY" || strings.Contains(strings.ToLower(e.Message), "secondly limit") && !strings.Contains(e.Message, "ten_secondly")
}

// never recognises the answer to a text that never was a token: HubSpot says that such
// a token expired in 1970.
func (e apiError) never() bool {
	if e.Category != "EXPIRED_AUTHENTICATION" {
		return false
	}
	return strings.Contains(string(e.Context["expire time"]), "1970-01-01") || manyDays.MatchString(e.Message)
}

var (
	manyDays  = regexp.MustCompile(`expired [0-9]{4,} day`)
	scopeForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,79}$`)
	anyOf     = regexp.MustCompile(`requires (?:any|all|one) of \[([a-z0-9._, -]{3,800})\]`)
)

// scopes are the scopes that a 403 says are missing, sorted. The names of the list
// have changed over the years, and some refusals name the scopes in their text only.
func (e apiError) scopes() []string {
	var out []string
	take := func(context map[string]json.RawMessage) {
		for _, key := range []string{"requiredGranularScopes", "missingScopes", "requiredScopes"} {
			var list []string
			if json.Unmarshal(context[key], &list) != nil {
				continue
			}
			for _, scope := range list {
				if scopeForm.MatchString(scope) {
					out = append(out, scope)
				}
			}
		}
	}
	take(e.Context)
	for _, sub := range e.Errors {
		take(sub.Context)
	}
	if m := anyOf.FindStringSubmatch(e.Message); len(out) == 0 && m != nil {
		for scope := range strings.SplitSeq(m[1], ",") {
			if scope = strings.TrimSpace(scope); scopeForm.MatchString(scope) {
				out = append(out, scope)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
