package portal

import (
	"fmt"
	"slices"
)

// Link associates two records, in both directions, without a stamp. Without types the
// association is unlabelled.
func (h *Records) Link(a, b *Object, types ...LinkType) {
	if len(types) == 0 {
		types = []LinkType{{"HUBSPOT_DEFINED", linkTypes[[2]string{a.Type.Name, b.Type.Name}], nil}}
	}
	back := []LinkType{{"HUBSPOT_DEFINED", linkTypes[[2]string{b.Type.Name, a.Type.Name}], nil}}
	h.Unlink(a, b)
	a.links[b.Type.Name] = append(a.links[b.Type.Name], Link{b.ID, types})
	b.links[a.Type.Name] = append(b.links[a.Type.Name], Link{a.ID, back})
}

// Unlink ends the association of two records, in both directions, without a stamp.
func (h *Records) Unlink(a, b *Object) {
	a.links[b.Type.Name] = slices.DeleteFunc(a.links[b.Type.Name], func(l Link) bool { return l.To == b.ID })
	b.links[a.Type.Name] = slices.DeleteFunc(b.links[a.Type.Name], func(l Link) bool { return l.To == a.ID })
}

// Company finds or creates a company.
func (h *Records) Company(name string, by Author) *Object {
	o := h.companies[name]
	if o == nil {
		o = h.Create(TypeNamed("companies"), by, map[string]string{"name": name})
		h.companies[name] = o
	}
	return o
}

// ContactAt finds or creates the i-th contact of a company.
func (h *Records) ContactAt(company *Object, by Author, i int) *Object {
	for len(company.links["contacts"]) <= i {
		n := len(h.Tables["contacts"].Rows)
		first, last := h.buyer(n)
		o := h.Create(TypeNamed("contacts"), by, map[string]string{"firstname": first, "lastname": last, "email": fmt.Sprintf("buyer%d@customer.example", n+1), "jobtitle": "Head of Operations"})
		h.Link(company, o)
	}
	return h.Tables["contacts"].ByID[company.links["contacts"][i].To]
}
