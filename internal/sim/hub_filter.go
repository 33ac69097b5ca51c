package sim

import (
	"slices"
	"strings"
)

type hubFilter struct {
	Property  string `json:"propertyName"`
	Operator  string `json:"operator"`
	Value     any    `json:"value"`
	HighValue any    `json:"highValue"`
	Values    []any  `json:"values"`

	prop      *hubProp
	to        *hubType // of the pseudo-property associations.TYPE
	low, high hubKey
	list      []hubKey
}

func (h *HubSpot) prepareFilter(t *hubType, f *hubFilter) error {
	if !slices.Contains([]string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}, f.Operator) {
		return hubInvalid("Invalid input: unknown operator %q", f.Operator)
	}
	if to, ok := strings.CutPrefix(f.Property, "associations."); ok && hubTypeNamed(to) != nil {
		f.to = hubTypeNamed(to)
		f.prop = &hubProp{name: f.Property, typ: "number"}
	} else if f.prop = h.rec.property(t, f.Property); f.prop == nil || f.prop.noFilter {
		return hubInvalid("Property '%s' does not exist or cannot be filtered", f.Property)
	}
	if strings.Contains(f.Operator, "HAS_") {
		return nil
	}
	bad := func(v any) error {
		return hubInvalid("Invalid input: %v is no %s, as %s needs it", v, f.prop.typ, f.Property)
	}
	if f.Operator == "IN" || f.Operator == "NOT_IN" {
		if len(f.Values) == 0 {
			return hubInvalid("Invalid input: operator %s requires values", f.Operator)
		}
		for _, v := range f.Values {
			k, ok := f.prop.key(hubText(v))
			if !ok {
				return bad(v)
			}
			f.list = append(f.list, k)
		}
		return nil
	}
	var ok bool
	if f.low, ok = f.prop.key(hubText(f.Value)); !ok {
		return bad(f.Value)
	}
	if f.Operator == "BETWEEN" {
		if f.high, ok = f.prop.key(hubText(f.HighValue)); !ok {
			return bad(f.HighValue)
		}
	}
	return nil
}

// matches holds a filter against what the index knows of a record.
func (f *hubFilter) matches(x hubIndexed) bool {
	if f.to != nil {
		return slices.ContainsFunc(x.h.targets(x.o, f.to.name), func(l hubLink) bool {
			id := hubKey{n: float64(l.to), num: true}
			return f.Operator == "EQ" && id == f.low || f.Operator == "IN" && slices.Contains(f.list, id)
		})
	}
	switch f.Operator {
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		v, ok := x.value(f.Property)
		return (ok && v != "") == (f.Operator == "HAS_PROPERTY")
	case "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
		v, _ := x.value(f.Property)
		word := v != "" && strings.Contains(strings.ToLower(v), strings.Trim(strings.ToLower(hubText(f.Value)), "*"))
		return word == (f.Operator == "CONTAINS_TOKEN")
	}
	k, ok := x.key(f.prop)
	if !ok {
		return false
	}
	switch f.Operator {
	case "EQ":
		return k == f.low
	case "NEQ":
		return k != f.low
	case "LT":
		return k.compare(f.low) < 0
	case "LTE":
		return k.compare(f.low) <= 0
	case "GT":
		return k.compare(f.low) > 0
	case "GTE":
		return k.compare(f.low) >= 0
	case "BETWEEN":
		return k.compare(f.low) >= 0 && k.compare(f.high) <= 0
	case "IN":
		return slices.Contains(f.list, k)
	}
	return !slices.Contains(f.list, k) // NOT_IN
}
