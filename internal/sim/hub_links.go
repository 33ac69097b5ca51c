package sim

import (
	"fmt"
	"slices"
)

// link associates two records, in both directions, without a stamp. Without
// types it is the plain association.
func (h *portalRecords) link(a, b *hubObject, types ...hubLinkType) {
	if len(types) == 0 {
		types = []hubLinkType{{"HUBSPOT_DEFINED", hubLinkTypes[[2]string{a.t.name, b.t.name}], nil}}
	}
	back := []hubLinkType{{"HUBSPOT_DEFINED", hubLinkTypes[[2]string{b.t.name, a.t.name}], nil}}
	h.unlink(a, b)
	a.links[b.t.name] = append(a.links[b.t.name], hubLink{b.id, types})
	b.links[a.t.name] = append(b.links[a.t.name], hubLink{a.id, back})
}

func (h *portalRecords) unlink(a, b *hubObject) {
	a.links[b.t.name] = slices.DeleteFunc(a.links[b.t.name], func(l hubLink) bool { return l.to == b.id })
	b.links[a.t.name] = slices.DeleteFunc(b.links[a.t.name], func(l hubLink) bool { return l.to == a.id })
}

// company finds or creates a company.
func (h *portalRecords) company(name string, by hubBy) *hubObject {
	o := h.companies[name]
	if o == nil {
		o = h.create(hubTypeNamed("companies"), by, map[string]string{"name": name})
		h.companies[name] = o
	}
	return o
}

// contactAt finds or makes the i-th person to talk to at a company.
func (h *portalRecords) contactAt(company *hubObject, by hubBy, i int) *hubObject {
	for len(company.links["contacts"]) <= i {
		n := len(h.tables["contacts"].rows)
		first, last := h.buyer(n)
		o := h.create(hubTypeNamed("contacts"), by, map[string]string{"firstname": first, "lastname": last, "email": fmt.Sprintf("buyer%d@customer.example", n+1), "jobtitle": "Head of Operations"})
		h.link(company, o)
	}
	return h.tables["contacts"].byID[company.links["contacts"][i].to]
}
