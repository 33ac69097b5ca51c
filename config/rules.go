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

// param reads a setting. One that counts days is never converted: where it counts business
// days, calendar days are refused, and the other way round. A bare number is business days,
// or what the rule counts where the setting is called days.
func param(p *hygiene.Param, v form.Value) (float64, bool) {
	f, suffix, ok := measured(v)
	switch {
	case !ok:
		v.Report("must be %s to %s%s", p.Write(p.Min), p.Write(p.Max), counting(p))
	case suffix != "" && p.Suffix() == "":
		v.Report("counts no days; write %s", p.Write(f))
	case suffix != "" && suffix != p.Suffix():
		v.Report("counts %s, and %s is %s; write how many %s, as in %s", p.Unit, v.Literal(), units[suffix], p.Unit, p.Write(p.Default))
	case suffix == "" && p.Unit == hygiene.CountsCalendarDays && p.Name != "days" && f != 0:
		v.Report("counts calendar days, and a bare number does not say so; write %s", p.Write(f))
	case f < p.Min || f > p.Max:
		v.Report("must be %s to %s%s, not %s", p.Write(p.Min), p.Write(p.Max), counting(p), v.Literal())
	case p.Unit != "" && f != math.Trunc(f):
		v.Report("must be a whole number of %s, as in %s", p.Unit, p.Write(math.Ceil(f)))
	default:
		return f, true
	}
	return 0, false
}

// units are what the suffixes of a number of days mean.
var units = map[string]string{"bd": hygiene.CountsBusinessDays, "d": hygiene.CountsCalendarDays}

// measured reads a number with or without a unit.
func measured(v form.Value) (f float64, suffix string, ok bool) {
	word, isWord := v.Word()
	if !isWord {
		f, ok = v.Number()
		return f, "", ok && !math.IsNaN(f)
	}
	digits, found := strings.CutSuffix(word, "d")
	if !found {
		return 0, "", false
	}
	suffix = "d"
	if d, business := strings.CutSuffix(digits, "b"); business {
		digits, suffix = d, "bd"
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return float64(n), suffix, err == nil
}

// counting says what a setting counts, for somebody who does not know the suffixes.
func counting(p *hygiene.Param) string {
	if p.Unit == "" {
		return ""
	}
	return " (" + p.Unit + ")"
}

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
