package hygiene

import (
	"math"
	"strings"
	"testing"
)

func TestCheckSettings(t *testing.T) {
	r := Rule{ID: "no-activity", Params: []Param{
		{Name: "days", Unit: "business days", Default: 14, Min: 1, Max: 250},
		{Name: "from_stage", Default: 2, Min: 1, Max: 20},
		{Name: "share", Default: 0.5, Min: 0, Max: 1},
	}}
	for _, c := range []struct {
		name  string
		value float64
		want  string // "" is fine
	}{
		{"days", 14, ""},
		{"days", 1, ""},
		{"days", 250, ""},
		{"share", 0.25, ""},
		{"days", 0, "no-activity: days: 0 is out of range: want 1 to 250 business days"},
		{"days", 251, "out of range"},
		{"days", math.NaN(), "out of range"},
		{"days", 2.5, "2.5 is not a whole number: want 1 to 250 business days"},
		{"from_stage", 2.5, "not a whole number"},
		{"dais", 14, `no-activity has no parameter "dais": did you mean "days"?`},
		{"from-stage", 2, `did you mean "from_stage"?`},
		{"colour", 3, `no-activity has no parameter "colour": it has days, from_stage, share`},
	} {
		errs := r.CheckSettings(Settings{Params: map[string]float64{c.name: c.value}})
		switch {
		case c.want == "" && len(errs) > 0:
			t.Errorf("%s: %v: got %v", c.name, c.value, errs)
		case c.want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), c.want)):
			t.Errorf("%s: %v: got %v, want %q", c.name, c.value, errs, c.want)
		}
	}
	if errs := r.CheckSettings(Settings{Params: map[string]float64{"b": 1, "a": 1, "days": 0}}); len(errs) != 3 || !strings.Contains(errs[0].Error(), `"a"`) {
		t.Errorf("all mistakes, in order: got %v", errs)
	}
	if errs := (Rule{ID: "owner-inactive"}).CheckSettings(Settings{Params: map[string]float64{"days": 1}}); len(errs) != 1 || !strings.Contains(errs[0].Error(), "remove it") {
		t.Errorf("a rule without parameters: got %v", errs)
	}
}

func TestParam(t *testing.T) {
	r := always("a", failing)
	r.Params = []Param{{Name: "days", Default: 14}}
	p := testPass(t, r)
	if v, from := p.Param("a", "days"); v != 14 || from != FromDefault {
		t.Errorf("got %v from %s", v, from)
	}
	p.Settings["a"] = Settings{Params: map[string]float64{"days": 14}}
	if v, from := p.Param("a", "days"); v != 14 || from != FromSettings {
		t.Errorf("configured as the default is: got %v from %s", v, from)
	}
	defer func() {
		if recover() == nil {
			t.Error("a parameter that does not exist does not panic")
		}
	}()
	p.Param("a", "weeks")
}
