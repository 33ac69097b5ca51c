package digest

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

// inDoubt are the deals of the commit that are in doubt, with their amounts as a reader of the
// digest adds them up.
func (b *brief) inDoubt() (out []ToldCommitment) {
	for _, d := range b.book.deals {
		if at, ok := d.share(b.portfolio.quarter); !ok || at != doubt || !d.facts.Summed() || d.facts.Amount.Value == 0 {
			continue
		}
		x := ToldCommitment{Source: d.source, Record: d.record, Name: plain.Clip(d.facts.Name, 60)}
		x.Code, x.Value = b.sources.money.converted(d.source, d.facts.Currency, words.Printed(d.facts.Amount.Value))
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y ToldCommitment) int {
		return cmp.Or(cmp.Compare(x.Source, y.Source), cmp.Compare(x.Record, y.Record))
	})
	return out
}

// doubtLine says how what is in doubt of the commit came to be since the last digest, as a sum
// that begins with what that digest said and ends with what this one says. It is nil where no
// deal changed it, and where the amounts as they are printed cannot say it.
func (b *brief) doubtLine(c *commitment) Line {
	deals, known := b.portfolio.standings()
	if !known || b.own || b.wall.first() || b.in.Told == nil || b.in.Told.Commit == nil || b.in.Told.Commit.Until != b.portfolio.quarter || b.in.Told.Commit.Doubt == nil {
		return nil
	}
	told := b.in.Told.Commit
	committed, stands := map[[2]string]bool{}, map[[2]string]bool{}
	for i := range told.Deals {
		committed[[2]string{told.Deals[i].Source, told.Deals[i].Record}] = true
	}
	for _, x := range deals {
		stands[[2]string{x.source, x.Record}] = true
	}
	now := map[[2]string]*ToldCommitment{}
	today, was, is := b.inDoubt(), words.Purse{}, words.Purse{}
	for i := range today {
		x := &today[i]
		now[[2]string{x.Source, x.Record}] = x
		is[x.Code] += x.Value
	}
	var steps []step
	for i := range told.Doubt.Deals {
		t := &told.Doubt.Deals[i]
		key := [2]string{t.Source, t.Record}
		was[t.Code] += t.Value
		x := now[key]
		delete(now, key)
		switch {
		case x == nil:
			s := step{way: b.undoubted(t, stands[key]), name: t.Name, url: b.urlOf(t), value: -t.Value, code: t.Code}
			if s.way == later {
				s.month = b.portfolio.commitment(t.Source, t.Record).CloseDate
			}
			steps = append(steps, s)
		case x.Code != t.Code:
			return nil // its own currency is another one
		case x.Value > t.Value:
			steps = append(steps, step{way: larger, name: t.Name, url: b.urlOf(t), value: x.Value - t.Value, code: t.Code})
		case x.Value < t.Value:
			steps = append(steps, step{way: smaller, name: t.Name, url: b.urlOf(t), value: x.Value - t.Value, code: t.Code})
		}
	}
	for i := range today {
		x := &today[i]
		key := [2]string{x.Source, x.Record}
		switch {
		case now[key] == nil:
		case committed[key]:
			steps = append(steps, step{way: doubted, name: x.Name, url: b.urlOf(x), value: x.Value, code: x.Code})
		default:
			steps = append(steps, step{way: entered, name: x.Name, url: b.urlOf(x), value: x.Value, code: x.Code})
		}
	}
	if len(steps) == 0 {
		return nil
	}
	line, begins, ends := b.way(c, "In doubt "+b.wall.since+": ", was, steps, is)
	if len(was) > 0 && begins != told.Doubt.Said || len(is) > 0 && ends != c.share(doubt) {
		return nil // the one digest or the other rounds it to another sum
	}
	return line
}

// undoubted says why a deal that was in doubt is not.
func (b *brief) undoubted(t *ToldCommitment, stands bool) way {
	c := b.portfolio.commitment(t.Source, t.Record)
	switch d := b.book.find(t.Source, t.Record); {
	case !b.sources.judged(t.Source):
		return withheld
	case !stands && c == nil:
		return vanished
	case !stands:
		return b.went(t.Source, c)
	case d != nil && !d.facts.Summed():
		return unread
	case d != nil && len(d.unclear) > 0:
		return unsure
	}
	return cleared
}

// urlOf is where the CRM shows the deal, "" where nothing is known of it.
func (b *brief) urlOf(t *ToldCommitment) string {
	if c := b.portfolio.commitment(t.Source, t.Record); c != nil {
		return c.URL
	}
	return ""
}

// find is the deal of the book, nil for none.
func (b *book) find(source, record string) *deal {
	if i := slices.IndexFunc(b.deals, func(d *deal) bool { return d.source == source && d.record == record }); i >= 0 {
		return b.deals[i]
	}
	return nil
}
