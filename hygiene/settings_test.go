package hygiene

import "testing"

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
