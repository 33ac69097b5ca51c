package sim

import (
	"bytes"
	"slices"
)

// Dump writes all records as JSON lines, objects in order of their names. Two
// companies with the same dump are the same company.
func (c *Company) Dump() []byte {
	c.clock.Lock()
	defer c.clock.Unlock()
	var b bytes.Buffer
	var list []string
	for name := range objects {
		list = append(list, name)
	}
	slices.Sort(list)
	for _, name := range list {
		o := objects[name]
		for _, r := range c.rec.tables[name].rows {
			b.WriteString(`{"object":"` + name + `"`)
			for i := range o.fields {
				if v := c.rec.value(o, r.v, o.fields[i].name); v != nil {
					b.WriteString(`,"` + o.fields[i].name + `":`)
					b.Write(jsonValue(&o.fields[i], v))
				}
			}
			b.WriteString("}\n")
		}
	}
	if c.opt.HubSpot {
		c.portal.dump(&b)
	}
	return b.Bytes()
}
