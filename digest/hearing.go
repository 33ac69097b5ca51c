package digest

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// ToldFinding is a finding in what a digest told.
type ToldFinding struct {
	Source  string    `json:"s"`
	Record  string    `json:"r"`
	Rule    string    `json:"u"`
	Subject string    `json:"j,omitempty"`
	At      time.Time `json:"a,omitzero"` // when the digest with it arrived; zero is this one
}

func (n *ToldFinding) key() hygiene.Key { return keyOf(n.Source, n.Record, n.Rule, n.Subject) }

// keyOf is the key of a finding as notes know it, without the kind of its record.
func keyOf(source, record, rule, subject string) hygiene.Key {
	return hygiene.Key{Source: source, Record: record, Rule: rule, Subject: subject}
}

func noted(l *hygiene.Life) hygiene.Key { return keyOf(l.Source, l.Record, l.Rule, l.Subject) }

// moments is how long a digest takes to arrive: what the digest says of times to come is
// counted from when it was composed, and stays true unless it arrives later than that.
const moments = 15 * time.Minute

// Arrived notes when the digest arrived.
func (t *Told) Arrived(at time.Time) {
	if at.Sub(t.At) <= moments {
		at = t.At
	}
	for i := range t.Heard {
		if n := &t.Heard[i]; n.At.IsZero() {
			n.At = at
		}
	}
}

// Hearing says when a digest first told the reader a finding, zero for never. Where nobody
// noted that, a finding that began before was told with its deal.
func (t *Told) Hearing() func(*hygiene.Life) time.Time {
	if t == nil {
		return func(*hygiene.Life) time.Time { return time.Time{} }
	}
	if !t.Notes {
		deals := t.byRecord()
		return func(l *hygiene.Life) time.Time {
			if deals[[2]string{l.Source, l.Record}] == nil || l.Opened.After(t.At) {
				return time.Time{}
			}
			return t.At
		}
	}
	at := map[hygiene.Key]time.Time{}
	for i := range t.Heard {
		at[t.Heard[i].key()] = t.Heard[i].At
	}
	return func(l *hygiene.Life) time.Time {
		if told := at[noted(l)]; !told.Before(l.Opened) {
			return told
		}
		return time.Time{} // of a former life
	}
}

// remembered is for how long a finding that ended stays noted.
const remembered = 14 * 24 * time.Hour

// note adds to what the digest tells the findings that it tells, and those that it keeps
// back. What was told before keeps its time.
func (b *brief) note(t *Told) {
	if !b.in.RepFirst {
		return
	}
	t.Notes = true
	open := map[hygiene.Key]bool{}
	for i := range b.in.Lives {
		if l := &b.in.Lives[i]; l.State == hygiene.Open {
			open[noted(l)] = true
		}
	}
	since := map[hygiene.Key]int{} // where the finding is in t.Heard
	if was := b.in.Told; was != nil {
		for i := range was.Heard {
			n := was.Heard[i]
			if open[n.key()] || !b.sources.judged(n.Source) || b.in.Now.Sub(n.At) < remembered {
				since[n.key()] = len(t.Heard)
				t.Heard = append(t.Heard, n)
			}
		}
	}
	heard := b.in.Told.Hearing()
	for _, d := range b.book.deals {
		for _, l := range d.open {
			at := heard(l)
			if i, ok := since[noted(l)]; ok {
				t.Heard[i].At = at
				continue
			}
			t.Heard = append(t.Heard, ToldFinding{Source: l.Source, Record: l.Record, Rule: l.Rule, Subject: l.Subject, At: at})
		}
	}
	for _, k := range b.in.Kept {
		t.Kept = append(t.Kept, ToldFinding{Source: k.Source, Record: k.Record, Rule: k.Rule, Subject: k.Subject})
	}
	for _, ns := range [][]ToldFinding{t.Heard, t.Kept} {
		slices.SortFunc(ns, func(x, y ToldFinding) int { return x.key().Compare(y.key()) })
	}
}
