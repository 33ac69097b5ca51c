package salesforce

import (
	"net/url"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// Resolve takes the id of an opportunity out of a text that a person pasted: the id in
// either length, the address of the Lightning page, or the classic address. For any
// other text Resolve returns "".
func (s *Source) Resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if u, err := url.Parse(ref); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		for part := range strings.SplitSeq(u.Path, "/") {
			if id := opportunityID(part); id != "" {
				return id
			}
		}
		return ""
	}
	return opportunityID(ref)
}

// opportunityID is the 18-character form of an opportunity's id, "" for any other text.
func opportunityID(s string) string {
	long, ok := row.LongID(s)
	if !ok || !isOpportunity(long) {
		return ""
	}
	return long
}

// isOpportunity reports whether id names an opportunity.
func isOpportunity(id string) bool { return strings.HasPrefix(id, "006") }
