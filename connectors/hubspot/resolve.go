package hubspot

import "github.com/pipetidy/pipetidy/connectors/hubspot/portal"

// Resolve takes the id of a deal out of what a person pasted: the id, or the
// address of the deal's page. Resolve returns "" for anything else, and for an address
// that is known to be of another portal.
func (s *Source) Resolve(ref string) string {
	if v := s.survey.known(); v != nil {
		return v.Resolve(ref)
	}
	return (*portal.Portal)(nil).Resolve(ref)
}
