package hygiene

import (
	"slices"
	"strings"
	"sync"
)

// Broken is a rule whose check panicked, with the first deal on which it did, what the panic
// said and where. The rule is unknown on such deals.
type Broken struct {
	Rule  string
	Deal  string // native id
	Panic string
	Stack string
	Deals int // on how many deals in all
}

// breakages are the rules that panicked in a pass, whose deals several goroutines may judge.
type breakages struct {
	sync.Mutex
	byRule map[string]Broken
}

func (b *breakages) add(x Broken) {
	b.Lock()
	defer b.Unlock()
	first, ok := b.byRule[x.Rule]
	if !ok {
		first = x
	}
	first.Deals++
	if b.byRule == nil {
		b.byRule = map[string]Broken{}
	}
	b.byRule[x.Rule] = first
}

// Broken lists the rules that panicked while this pass judged, by id. A rule is asked of a
// deal once in an evaluation, and again where another rule rests on it.
func (p *Pass) Broken() []Broken {
	b := p.index.broken
	b.Lock()
	defer b.Unlock()
	var out []Broken
	for _, x := range b.byRule {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Broken) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}
