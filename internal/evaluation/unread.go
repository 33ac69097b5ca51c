package evaluation

import (
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/doctor"
)

// unread says to ops what cannot be judged on a source, and what to do about it.
func unread(src *Source, pass *hygiene.Pass) []string {
	var out []string
	for _, u := range pass.Unjudged() {
		if doctor.OfFile(u.Field, pass.Source.Info.Why[u.Field]) {
			continue // said as a mistake of the file
		}
		s := fmt.Sprintf("%s cannot be checked on %s: ", hygiene.Words(u.Field), src.Name())
		if why := pass.Source.Info.Why[u.Field]; why != "" {
			s += why
		} else if u.Access == crm.Hidden {
			s += fmt.Sprintf("the CRM does not show this login the field that fields.%s names, or the standard one; look at the spelling of its API name, then at the field-level security of the login", u.Field)
		} else {
			s += fmt.Sprintf("no field holds it; where your CRM has one, map it as fields.%s of the source", u.Field)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, s := range []crm.Stream{crm.Users, crm.Stages} { // no rule requires these by name
		if why := pass.Source.Info.Why[string(s)]; why != "" {
			out = append(out, fmt.Sprintf("%s are not read from %s, so what is known of them grows old: %s", s, src.Name(), why))
		}
	}
	if why := pass.Source.Info.Why["time_zone"]; why != "" {
		out = append(out, fmt.Sprintf("the time zone of %s is not known: %s", src.Name(), why))
	}
	return out
}
