package form

import (
	"runtime"
	"strings"
	"testing"
)

// TestFilesThatFillTheMemory is judged by the memory that is asked for: the parser
// refuses most of these files too, after gigabytes.
func TestFilesThatFillTheMemory(t *testing.T) {
	for name, text := range map[string]string{
		"lists in lists":         strings.Repeat("[", 200_000),
		"mappings in mappings":   strings.Repeat("{a: ", 100_000),
		"opened line by line":    strings.Repeat("[\n", 100_000),
		"with what closes none":  strings.Repeat("]", 100_000) + strings.Repeat("[", 100_000),
		"entries in entries":     strings.Repeat("- ", 100_000) + "a",
		"entries after tabs":     strings.Repeat("-\t", 100_000) + "a",
		"keys in keys":           strings.Repeat("a: ", 100_000),
		"keys that are asked":    strings.Repeat("? ", 100_000),
		"a long list":            "a: [" + strings.Repeat("1,", 200_000) + "]",
		"a list of mappings":     "a: [" + strings.Repeat("{},", 200_000) + "]",
		"anchors":                "a: " + strings.Repeat("&a ", 300_000),
		"lines of another time":  strings.Repeat("-\r", 300_000),
		"one key after another":  strings.Repeat("a: 1\n", 100_000),
		"a file without an end ": strings.Repeat("a", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, ps := File{Name: "pipetidy.yaml", Data: []byte(text), Keys: func() map[string]bool { return nil }}.Read(&struct{}{})
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 48<<20 {
				t.Errorf("%d MiB were asked for", got>>20)
			}
			if len(ps) != 1 {
				t.Fatalf("%d problems, want one: %.300s", len(ps), ps)
			}
			if got := ps[0].Message; !strings.Contains(got, "more than") && !strings.Contains(got, "larger than") {
				t.Errorf("the message is %q", got)
			}
		})
	}
}
