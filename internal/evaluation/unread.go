package evaluation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	if rules := stageRules(pass); !pass.Readable("stage") && len(rules) > 0 {
		why := cmp.Or(pass.Source.Info.Why["stage"], "the CRM does not show this login the field; give the login permission to read it")
		out = append(out, fmt.Sprintf("the stage of deals cannot be read on %s, so %s are unknown: %s", src.Name(), strings.Join(rules, ", "), why))
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

// stageRules lists the rules that look at the stage of a deal by way of the pass, and do not
// name the field among their needs: they judge some deals by the stage's history.
func stageRules(pass *hygiene.Pass) []string {
	var out []string
	for i := range pass.Rules {
		if id := pass.Rules[i].ID; strings.HasPrefix(id, "stage-") && pass.Runs(id) {
			out = append(out, id)
		}
	}
	return out
}
