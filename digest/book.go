package digest

import (
	"cmp"
	"slices"
)

// book is the deals with findings that the digest is about, and their count.
type book struct {
	deals []*deal // with findings, open or ended
	needs []*deal // of deals, those that need an update, by rank
	old   []*deal // of deals, those from before the start, by rank
	tally tally
	money *money
}

func newBook(deals []*deal, p *portfolio, r *ranking) *book {
	b := &book{deals: deals, money: r.sources.money}
	t := &b.tally
	for _, d := range deals {
		d.happened = r.happened(d)
		t.add(d)
		switch {
		case d.needs():
			b.needs = append(b.needs, d)
		case d.class == Old:
			b.old = append(b.old, d)
		}
	}
	b.needs, b.old = r.sorted(b.needs), r.sorted(b.old)
	t.deals, _ = p.deals(p.current)
	t.skipped = p.skipped()
	t.fraction = p.known() && t.deals > 0 && t.inOrder() >= 0
	return b
}

// largest lists the deals for which so is true, the largest amount first.
func (b *book) largest(so func(*deal) bool) []*deal {
	var out []*deal
	worth := map[*deal]float64{} // 0 for what cannot be compared
	for _, d := range b.deals {
		if so(d) {
			out = append(out, d)
			worth[d], _ = b.money.worth(d.source, &d.facts)
		}
	}
	slices.SortStableFunc(out, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(worth[b], worth[a]), cmp.Compare(a.record, b.record))
	})
	return out
}
