package crm

import "testing"

func TestCounted(t *testing.T) {
	for want, got := range map[string]string{
		"0 deals":               Counted(0, "deal"),
		"1 deal":                Counted(1, "deal"),
		"2 deals":               Counted(2, "deal"),
		"1 activity":            Counted(1, "activity"),
		"12,500 activities":     Counted(int64(12500), "activity"),
		"3 days off":            Counted(3, "day") + " off",
		"2 searches":            Counted(2, "search"),
		"1 delivery in doubt":   Counted(1, "delivery in doubt"),
		"2 deliveries in doubt": Counted(2, "delivery in doubt"),
		"2 links of deals":      Counted(2, "link of deals"),
		"is":                    Plural(1, "is", "are"),
		"are":                   Plural(0, "is", "are"),
		"-1,000":                Grouped(-1000),
		"-100":                  Grouped(-100),
		"1,234,567":             Grouped(1234567),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
