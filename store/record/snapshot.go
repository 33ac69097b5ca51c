package record

import (
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// AppendSnapshot appends a snapshot.
func AppendSnapshot(b []byte, s *hygiene.Snapshot) []byte {
	b = putText(b, 1, s.Source)
	b = putInt(b, 2, s.Day)
	b = putTime(b, 3, s.At)
	b = putInt(b, 4, s.Generation)
	for i := range s.Tallies {
		var at int
		b, at = begin(b, 5)
		b = putTally(b, &s.Tallies[i])
		b = end(b, at)
	}
	for _, k := range slices.Sorted(maps.Keys(s.Unknown)) {
		var at int
		b, at = begin(b, 6)
		b = putEntry(b, 1, k)
		b = putInt(b, 2, s.Unknown[k])
		b = end(b, at)
	}
	for _, k := range slices.Sorted(maps.Keys(s.Skipped)) {
		var at int
		b, at = begin(b, 7)
		b = putEntry(b, 1, k)
		b = putInt(b, 2, s.Skipped[k])
		b = end(b, at)
	}
	b = putInt(b, 8, s.Quarter)
	b = putBool(b, 9, s.Questions)
	for i := range s.Rates {
		var at int
		b, at = begin(b, 10)
		b = putRate(b, &s.Rates[i])
		b = end(b, at)
	}
	for i := range s.Urgent {
		var at int
		b, at = begin(b, 11)
		b = putUrgent(b, &s.Urgent[i])
		b = end(b, at)
	}
	b = putInt(b, 12, s.Basis)
	for _, f := range s.Forecasts {
		b = putEntry(b, 13, f)
	}
	for i := range s.Committed {
		var at int
		b, at = begin(b, 14)
		b = putCommitment(b, &s.Committed[i])
		b = end(b, at)
	}
	for i := range s.Imports {
		var at int
		b, at = begin(b, 15)
		b = putImport(b, &s.Imports[i])
		b = end(b, at)
	}
	return b
}

// Snapshot reads a snapshot.
func (w *Walk) Snapshot(s *hygiene.Snapshot) error {
	*s = hygiene.Snapshot{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.Source = w.text(&f)
		case 2:
			s.Day = crm.Date(f.int())
		case 3:
			s.At = w.time(&f)
		case 4:
			s.Generation = f.n
		case 5:
			s.Tallies = append(s.Tallies, w.tally(&f))
		case 6:
			if s.Unknown == nil {
				s.Unknown = map[string]int{}
			}
			k, v := w.entry(&f)
			s.Unknown[k] = v.int()
		case 7:
			if s.Skipped == nil {
				s.Skipped = map[string]int{}
			}
			k, v := w.entry(&f)
			s.Skipped[k] = v.int()
		case 8:
			s.Quarter = crm.Date(f.int())
		case 9:
			s.Questions = f.bool()
		case 10:
			s.Rates = append(s.Rates, w.rate(&f))
		case 11:
			s.Urgent = append(s.Urgent, w.urgent(&f))
		case 12:
			s.Basis = uint32(f.n)
		case 13:
			s.Forecasts = append(s.Forecasts, w.text(&f))
		case 14:
			s.Committed = append(s.Committed, w.commitment(&f))
		case 15:
			s.Imports = append(s.Imports, w.imported(&f))
		}
	}
	return w.err
}

// Taken reads only the day and the time of a snapshot, because thinning out snapshots
// requires nothing else of them.
func (w *Walk) Taken(day *crm.Date, at *time.Time) error {
	var f field
	for w.next(&f) {
		switch f.num {
		case 2:
			*day = crm.Date(f.int())
		case 3:
			*at = w.time(&f)
		}
	}
	return w.err
}

func putTally(b []byte, t *hygiene.Tally) []byte {
	b = putText(b, 1, t.Source)
	b = putText(b, 2, t.OwnerID)
	b = putText(b, 3, t.OwnerName)
	b = putText(b, 4, t.OwnerEmail)
	b = putBool(b, 5, t.Active)
	b = putText(b, 6, t.Team)
	b = putInt(b, 7, t.Deals)
	b = putInt(b, 8, t.NeedUpdate)
	b = putSums(b, 9, t.Commit)
	b = putSums(b, 10, t.CommitDoubt)
	b = putInt(b, 11, t.CommitDeals)
	b = putSums(b, 12, t.CommitQuestion)
	b = putInt(b, 13, t.Paused)
	b = putInt(b, 14, t.CommitUnread)
	return putInt(b, 15, t.CommitUnsure)
}

func putSums(b []byte, num protowire.Number, sums map[string]float64) []byte {
	for _, k := range slices.Sorted(maps.Keys(sums)) {
		var at int
		b, at = begin(b, num)
		b = putEntry(b, 1, k)
		b = putDouble(b, 2, sums[k])
		b = end(b, at)
	}
	return b
}

func (w *Walk) tally(outer *field) (t hygiene.Tally) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			t.Source = in.text(&f)
		case 2:
			t.OwnerID = in.text(&f)
		case 3:
			t.OwnerName = in.text(&f)
		case 4:
			t.OwnerEmail = in.text(&f)
		case 5:
			t.Active = f.bool()
		case 6:
			t.Team = in.text(&f)
		case 7:
			t.Deals = f.int()
		case 8:
			t.NeedUpdate = f.int()
		case 9:
			t.Commit = in.sum(t.Commit, &f)
		case 10:
			t.CommitDoubt = in.sum(t.CommitDoubt, &f)
		case 11:
			t.CommitDeals = f.int()
		case 12:
			t.CommitQuestion = in.sum(t.CommitQuestion, &f)
		case 13:
			t.Paused = f.int()
		case 14:
			t.CommitUnread = f.int()
		case 15:
			t.CommitUnsure = f.int()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return t
}

func (w *Walk) sum(sums map[string]float64, f *field) map[string]float64 {
	if sums == nil {
		sums = map[string]float64{}
	}
	k, v := w.entry(f)
	sums[k] = v.double()
	return sums
}

func putRate(b []byte, r *hygiene.Rate) []byte {
	b = putText(b, 1, r.Pipeline)
	b = putText(b, 2, r.Rule)
	b = putInt(b, 3, r.Judged)
	b = putInt(b, 4, r.Failed)
	b = putInt(b, 5, r.Unknown)
	return putInt(b, 6, r.Young)
}

func (w *Walk) rate(outer *field) (r hygiene.Rate) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			r.Pipeline = in.text(&f)
		case 2:
			r.Rule = in.text(&f)
		case 3:
			r.Judged = f.int()
		case 4:
			r.Failed = f.int()
		case 5:
			r.Unknown = f.int()
		case 6:
			r.Young = f.int()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return r
}

func putUrgent(b []byte, u *hygiene.Urgent) []byte {
	b = putText(b, 1, u.Team)
	b = putInt(b, 2, u.Deals)
	for _, k := range slices.Sorted(maps.Keys(u.Rules)) {
		var at int
		b, at = begin(b, 3)
		b = putEntry(b, 1, k)
		b = putInt(b, 2, u.Rules[k])
		b = end(b, at)
	}
	return b
}

func (w *Walk) urgent(outer *field) (u hygiene.Urgent) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			u.Team = in.text(&f)
		case 2:
			u.Deals = f.int()
		case 3:
			if u.Rules == nil {
				u.Rules = map[string]int{}
			}
			k, v := in.entry(&f)
			u.Rules[k] = v.int()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return u
}

func putCommitment(b []byte, c *hygiene.Commitment) []byte {
	b = putText(b, 1, c.Record)
	b = putText(b, 2, c.Name)
	b = putText(b, 3, c.URL)
	b = putText(b, 4, c.Team)
	b = putNumber(b, 5, c.Amount)
	b = putText(b, 6, c.Currency)
	b = putInt(b, 7, c.CloseDate)
	b = putTime(b, 8, c.Since)
	b = putTime(b, 9, c.Moved)
	b = putTime(b, 10, c.Left)
	return putInt(b, 11, c.How)
}

func (w *Walk) commitment(outer *field) (c hygiene.Commitment) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			c.Record = in.text(&f)
		case 2:
			c.Name = in.text(&f)
		case 3:
			c.URL = in.text(&f)
		case 4:
			c.Team = in.text(&f)
		case 5:
			c.Amount = crm.Num(f.double())
		case 6:
			c.Currency = in.text(&f)
		case 7:
			c.CloseDate = crm.Date(f.int())
		case 8:
			c.Since = in.time(&f)
		case 9:
			c.Moved = in.time(&f)
		case 10:
			c.Left = in.time(&f)
		case 11:
			c.How = hygiene.Exit(f.n)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return c
}

func putImport(b []byte, x *hygiene.Import) []byte {
	b = putText(b, 1, x.Team)
	b = putTime(b, 2, x.First)
	b = putTime(b, 3, x.Last)
	b = putInt(b, 4, x.Deals)
	for _, k := range slices.Sorted(maps.Keys(x.Owners)) {
		var at int
		b, at = begin(b, 5)
		b = putEntry(b, 1, k)
		b = putInt(b, 2, x.Owners[k])
		b = end(b, at)
	}
	return b
}

func (w *Walk) imported(outer *field) (x hygiene.Import) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			x.Team = in.text(&f)
		case 2:
			x.First = in.time(&f)
		case 3:
			x.Last = in.time(&f)
		case 4:
			x.Deals = f.int()
		case 5:
			if x.Owners == nil {
				x.Owners = map[string]int{}
			}
			k, v := in.entry(&f)
			x.Owners[k] = v.int()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return x
}
