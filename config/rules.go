package config

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// ruleEntries are the operator's words about rules, by rule ID.
type ruleEntries map[string]hygiene.Settings

// Read checks each rule of the file against the catalogue, whose parameters are
// the settings that a rule takes.
func (r *ruleEntries) Read(v form.Value) {
	es, ok := v.Entries()
	if !ok {
		return
	}
	*r = ruleEntries{}
	for _, e := range es {
		rule, known := catalogued(e.Name)
		if !known {
			e.ReportKey("no rule is called %s%s (pipetidy rules lists them)", form.Quote(e.Name), form.Suggest(e.Name, ruleIDs()))
			continue
		}
		e.Show()
		if v := e.Value(); !v.IsNull() {
			(*r)[e.Name] = ruleSettings(rule, v)
		}
	}
}

func ruleSettings(rule *hygiene.Rule, v form.Value) hygiene.Settings {
	var s hygiene.Settings
	if v.IsScalar() {
		on, ok := v.Truth()
		if !ok {
			v.Report("must be on, off, or settings such as {severity: high}")
		}
		s.Off, s.On = ok && !on, ok && on
		return s
	}
	es, ok := v.Entries()
	if !ok {
		return s
	}
	s.On = true
	s.Params = map[string]float64{}
	for _, e := range es {
		value := e.Value()
		switch i := slices.IndexFunc(rule.Params, func(p hygiene.Param) bool { return p.Name == e.Name }); {
		case e.Name == "severity":
			e.Show()
			s.Severity = severity(value)
		case i < 0:
			e.ReportKey("rule %s has no setting of this name%s", rule.ID, settingHint(rule, e.Name))
		default:
			e.Show()
			if f, ok := param(&rule.Params[i], value); ok {
				s.Params[e.Name] = f
			}
		}
	}
	return s
}

func severity(v form.Value) hygiene.Severity {
	words := hygiene.SeverityNames()
	word, ok := v.Word()
	if !ok {
		v.Report("must be %s", form.List(words))
		return 0
	}
	s, err := hygiene.ParseSeverity(word)
	if err != nil {
		v.Report("%s", form.OneOf(word, words...))
	}
	return s
}

func param(p *hygiene.Param, v form.Value) (float64, bool) {
	f, ok := v.Number()
	if !ok || math.IsNaN(f) {
		v.Report("must be a number from %s to %s%s", decimal(p.Min), decimal(p.Max), of(p.Unit))
		return 0, false
	}
	if f < p.Min || f > p.Max {
		v.Report("must be %s to %s%s, not %s", decimal(p.Min), decimal(p.Max), of(p.Unit), decimal(f))
		return 0, false
	}
	return f, true
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func settingHint(rule *hygiene.Rule, key string) string {
	names := []string{"severity"}
	for _, p := range rule.Params {
		names = append(names, p.Name)
	}
	if hint := form.Suggest(key, names); hint != "" {
		return hint
	}
	return "; it has " + strings.Join(names, ", ")
}

func (b *builder) rules() {
	b.out.Rules = map[string]hygiene.Settings(b.file.Rules)
	if b.out.Rules == nil {
		b.out.Rules = map[string]hygiene.Settings{}
	}
}
