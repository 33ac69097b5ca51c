package sim

import (
	"bytes"
	"maps"
	"slices"
)

// dump writes all records as JSON lines, objects in order of their names.
func (rec *orgRecords) dump(b *bytes.Buffer) {
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		o := objects[name]
		for _, r := range rec.tables[name].rows {
			b.WriteString(`{"object":"` + name + `"`)
			for i := range o.fields {
				if v := rec.value(o, r.v, o.fields[i].name); v != nil {
					b.WriteString(`,"` + o.fields[i].name + `":`)
					b.Write(jsonValue(&o.fields[i], v))
				}
			}
			b.WriteString("}\n")
		}
	}
}
