package sim

import "bytes"

// Dump writes all records as JSON lines, objects in order of their names. Two
// companies with the same dump are the same company.
func (c *Company) Dump() []byte {
	c.clock.Lock()
	defer c.clock.Unlock()
	var b bytes.Buffer
	c.rec.Dump(&b)
	if c.opt.HubSpot {
		c.portal.Dump(&b)
	}
	return b.Bytes()
}
