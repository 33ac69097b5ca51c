package hubspot

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

type filter struct {
	Property  string `json:"propertyName"`
	Operator  string `json:"operator"`
	Value     any    `json:"value"`
	HighValue any    `json:"highValue"`
	Values    []any  `json:"values"`

	prop      *portal.Property
	to        *portal.Type // of the pseudo-property associations.TYPE
	low, high portal.Key
	list      []portal.Key
}

func (h *Server) prepareFilter(t *portal.Type, f *filter) error {
	if !slices.Contains([]string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}, f.Operator) {
		return invalid("Invalid input: unknown operator %q", f.Operator)
	}
	if to, ok := strings.CutPrefix(f.Property, "associations."); ok && portal.TypeNamed(to) != nil {
		f.to = portal.TypeNamed(to)
		f.prop = &portal.Property{Name: f.Property, Type: "number"}
	} else if f.prop = h.Records.Property(t, f.Property); f.prop == nil || f.prop.NoFilter {
		return invalid("Property '%s' does not exist or cannot be filtered", f.Property)
	}
	if strings.Contains(f.Operator, "HAS_") {
		return nil
	}
	bad := func(v any) error {
		return invalid("Invalid input: %v is no %s, as %s needs it", v, f.prop.Type, f.Property)
	}
	if f.Operator == "IN" || f.Operator == "NOT_IN" {
		if len(f.Values) == 0 {
			return invalid("Invalid input: operator %s requires values", f.Operator)
		}
		for _, v := range f.Values {
			k, ok := f.prop.Key(portal.Text(v))
			if !ok {
				return bad(v)
			}
			f.list = append(f.list, k)
		}
		return nil
	}
	var ok bool
	if f.low, ok = f.prop.Key(portal.Text(f.Value)); !ok {
		return bad(f.Value)
	}
	if f.Operator == "BETWEEN" {
		if f.high, ok = f.prop.Key(portal.Text(f.HighValue)); !ok {
			return bad(f.HighValue)
		}
	}
	return nil
}

// matches reports whether a record, as the index has it, meets the filter.
func (f *filter) matches(x portal.Indexed) bool {
	if f.to != nil {
		return slices.ContainsFunc(x.Records.Targets(x.Object, f.to.Name), func(l portal.Link) bool {
			id := portal.Key{Number: float64(l.To), Numeric: true}
			return f.Operator == "EQ" && id == f.low || f.Operator == "IN" && slices.Contains(f.list, id)
		})
	}
	switch f.Operator {
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		v, ok := x.Value(f.Property)
		return (ok && v != "") == (f.Operator == "HAS_PROPERTY")
	case "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
		v, _ := x.Value(f.Property)
		word := v != "" && strings.Contains(strings.ToLower(v), strings.Trim(strings.ToLower(portal.Text(f.Value)), "*"))
		return word == (f.Operator == "CONTAINS_TOKEN")
	}
	k, ok := x.Key(f.prop)
	if !ok {
		return false
	}
	switch f.Operator {
	case "EQ":
		return k == f.low
	case "NEQ":
		return k != f.low
	case "LT":
		return k.Compare(f.low) < 0
	case "LTE":
		return k.Compare(f.low) <= 0
	case "GT":
		return k.Compare(f.low) > 0
	case "GTE":
		return k.Compare(f.low) >= 0
	case "BETWEEN":
		return k.Compare(f.low) >= 0 && k.Compare(f.high) <= 0
	case "IN":
		return slices.Contains(f.list, k)
	}
	return !slices.Contains(f.list, k) // NOT_IN
}
