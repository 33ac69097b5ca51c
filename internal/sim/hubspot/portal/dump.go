package portal

import (
	"bytes"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// Dump writes the portal's records as JSON lines.
func (h *Records) Dump(b *bytes.Buffer) {
	for _, t := range Types {
		for _, o := range h.Tables[t.Name].Rows {
			b.WriteString(`{"hubspot":"` + t.Name + `"`)
			for _, name := range slices.Sorted(maps.Keys(o.Props)) {
				b.WriteString(`,"` + name + `":`)
				b.Write(wire.Quote(o.Props[name]))
			}
			b.WriteString(`,"updatedAt":"` + Stamp(o.Updated) + "\"}\n")
		}
	}
}
