package sim

import (
	"bytes"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// dump writes the portal's records as JSON lines.
func (h *portalRecords) dump(b *bytes.Buffer) {
	for _, t := range hubTypes {
		for _, o := range h.tables[t.name].rows {
			b.WriteString(`{"hubspot":"` + t.name + `"`)
			for _, name := range slices.Sorted(maps.Keys(o.p)) {
				b.WriteString(`,"` + name + `":`)
				b.Write(wire.Quote(o.p[name]))
			}
			b.WriteString(`,"updatedAt":"` + hubTime(o.updated) + "\"}\n")
		}
	}
}
