package row

import "testing"

func TestLongID(t *testing.T) {
	for short, suffix := range map[string]string{
		"a01M00000062mPg": "IAI",
		"001M000000qfPyS": "IAU",
		"a0FE000000D6r3F": "MAR",
		"0F9E000000092w2": "KAA",
		"AbCdEfGhIjKlMnO": "VKV",
		"aBcDEfgHIJKLMNO": "025",
		"012000000000000": "AAA",
	} {
		if got, ok := LongID(short); !ok || got != short+suffix {
			t.Errorf("%s: got %q, %v, want suffix %s", short, got, ok, suffix)
		}
		if got, ok := LongID(short + suffix); !ok || got != short+suffix {
			t.Errorf("%s: the long form gives %q, %v", short, got, ok)
		}
	}
	if got, ok := LongID("a01M00000062mPgiai"); !ok || got != "a01M00000062mPgIAI" {
		t.Errorf("a suffix that lost its case gives %q, %v", got, ok)
	}
	for _, bad := range []string{"", "006", "a01M00000062mPgAAA", "a01M00000062mP'", "a01M00000062mPgIA", "' OR Name != ' '", "a01M00000062mP\x00"} {
		if got, ok := LongID(bad); ok {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}
