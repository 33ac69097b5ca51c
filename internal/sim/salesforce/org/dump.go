package org

import (
	"bytes"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Dump writes all records as JSON lines, objects in order of their names.
func (rec *Records) Dump(b *bytes.Buffer) {
	for _, name := range slices.Sorted(maps.Keys(Objects)) {
		o := Objects[name]
		for _, r := range rec.Tables[name].Rows {
			b.WriteString(`{"object":"` + name + `"`)
			for i := range o.Fields {
				if v := rec.Value(o, r.Values, o.Fields[i].Name); v != nil {
					b.WriteString(`,"` + o.Fields[i].Name + `":`)
					b.Write(soql.JSON(&o.Fields[i], v))
				}
			}
			b.WriteString("}\n")
		}
	}
}
