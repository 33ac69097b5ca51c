package config

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/hygiene"
)

// ruleEntries are the operator's words about rules, by rule ID.
type ruleEntries map[string]hygiene.Settings

// read checks each rule against the catalogue: its settings are the rule's own
// parameters, so the catalogue is the schema.
func (r *ruleEntries) read(w *walk, n ast.Node, path string) {
	es, ok := w.entries(n, path)
	if !ok {
		return
	}
	*r = ruleEntries{}
	for _, e := range es {
		id, _ := keyName(e)
		at := w.enter(path, e)
		rule, known := catalogued(id)
		if !known {
			w.reportKey(at, "no rule is called %s%s (pipetidy rules lists them)", quote(id), suggest(id, ruleIDs()))
			continue
		}
		w.show(e)
		if n := w.resolve(e.Value, at); n != nil {
			(*r)[id] = w.ruleSettings(rule, n, at)
		}
	}
}

func (w *walk) ruleSettings(rule *hygiene.Rule, n ast.Node, path string) hygiene.Settings {
	var s hygiene.Settings
	if isScalarNode(n) {
		on, ok := truth(n)
		if !ok {
			w.report(path, "want off, or settings such as {severity: high}")
		}
		s.Off = ok && !on
		return s
	}
	es, ok := w.entries(n, path)
	if !ok {
		return s
	}
	s.Params = map[string]float64{}
	for _, e := range es {
		key, _ := keyName(e)
		at := w.enter(path, e)
		value := w.resolve(e.Value, at)
		switch i := slices.IndexFunc(rule.Params, func(p hygiene.Param) bool { return p.Name == key }); {
		case key == "severity":
			w.show(e)
			s.Severity = w.severity(value, at)
		case i < 0:
			w.reportKey(at, "rule %s has no setting of this name%s", rule.ID, settingHint(rule, key))
		default:
			w.show(e)
			if f, ok := w.param(&rule.Params[i], value, at); ok {
				s.Params[key] = f
			}
		}
	}
	return s
}

func (w *walk) severity(n ast.Node, path string) hygiene.Severity {
	words := []string{"info", "low", "medium", "high"}
	t, ok := n.(*ast.StringNode)
	if !ok {
		w.report(path, "want %s", list(words))
		return 0
	}
	s, err := hygiene.ParseSeverity(t.Value)
	if err != nil {
		w.report(path, "%s", oneOf(t.Value, words...))
	}
	return s
}

func (w *walk) param(p *hygiene.Param, n ast.Node, path string) (float64, bool) {
	f, ok := number(n)
	if !ok || math.IsNaN(f) {
		w.report(path, "want a number from %s to %s%s", decimal(p.Min), decimal(p.Max), of(p.Unit))
		return 0, false
	}
	if f < p.Min || f > p.Max {
		w.report(path, "want %s to %s%s, got %s", decimal(p.Min), decimal(p.Max), of(p.Unit), decimal(f))
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
	if hint := suggest(key, names); hint != "" {
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
