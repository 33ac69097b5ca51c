package hubspot

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	idForm     = regexp.MustCompile(`^[1-9][0-9]{0,19}$`)
	recordPath = regexp.MustCompile(`^/contacts/([0-9]+)/(?:record/0-3|deal)/([1-9][0-9]{0,19})(?:/|$)`)
)

// Resolve takes the id of a deal out of what a person pasted: the id, or the
// address of the deal's page. "" is anything else, and what is known to be of
// another portal.
func (s *Source) Resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if idForm.MatchString(ref) {
		return ref
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	v, host := s.known(), strings.ToLower(u.Host)
	if host != "hubspot.com" && !strings.HasSuffix(host, ".hubspot.com") && (v == nil || host != v.account.ui) {
		return ""
	}
	m := recordPath.FindStringSubmatch(u.Path)
	if m == nil || v != nil && m[1] != v.account.portal {
		return ""
	}
	return m[2]
}
