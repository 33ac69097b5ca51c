package record

import (
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// AppendLife appends the life of a finding.
func AppendLife(b []byte, l *hygiene.Life) []byte {
	b = putText(b, 1, l.Source)
	b = putText(b, 2, l.Kind)
	b = putText(b, 3, l.Record)
	b = putText(b, 4, l.Rule)
	b = putText(b, 5, l.Subject)
	b = putInt(b, 6, l.Severity)
	b = putText(b, 7, l.Message)
	b = putText(b, 8, l.Fix)
	b = putText(b, 9, l.Value)
	b = putText(b, 10, l.Threshold)
	b = putText(b, 11, l.ThresholdFrom)
	b, at := begin(b, 12)
	b = putFacts(b, &l.Deal)
	b = end(b, at)
	b = putInt(b, 13, l.State)
	b = putTime(b, 14, l.Opened)
	b = putTime(b, 15, l.First)
	b = putTime(b, 16, l.Ended)
	b = putBool(b, 17, l.Back)
	b = putBool(b, 18, l.Held)
	b = putBool(b, 19, l.Backlog)
	b = putInt(b, 20, l.Generation)
	b = putMeasure(b, 21, l.Measured)
	b = putMeasure(b, 22, l.Limit)
	b = putBool(b, 23, l.Newly)
	b = putTime(b, 24, l.Rejudged)
	b = putInt(b, 25, l.Basis.Verdict)
	b = putInt(b, 26, l.Basis.Weight)
	b = putTime(b, 27, l.Moved)
	b = putText(b, 28, l.From.Team)
	return putText(b, 29, l.From.Owner)
}

// Life reads the life of a finding.
func (w *Walk) Life(l *hygiene.Life) error {
	*l = hygiene.Life{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			l.Source = w.text(&f)
		case 2:
			l.Kind = crm.Kind(w.text(&f))
		case 3:
			l.Record = w.text(&f)
		case 4:
			l.Rule = w.text(&f)
		case 5:
			l.Subject = w.text(&f)
		case 6:
			l.Severity = hygiene.Severity(f.n)
		case 7:
			l.Message = w.text(&f)
		case 8:
			l.Fix = w.text(&f)
		case 9:
			l.Value = w.text(&f)
		case 10:
			l.Threshold = w.text(&f)
		case 11:
			l.ThresholdFrom = w.text(&f)
		case 12:
			w.facts(&f, &l.Deal)
		case 13:
			l.State = hygiene.State(f.n)
		case 14:
			l.Opened = w.time(&f)
		case 15:
			l.First = w.time(&f)
		case 16:
			l.Ended = w.time(&f)
		case 17:
			l.Back = f.bool()
		case 18:
			l.Held = f.bool()
		case 19:
			l.Backlog = f.bool()
		case 20:
			l.Generation = f.n
		case 21:
			l.Measured = f.double()
		case 22:
			l.Limit = f.double()
		case 23:
			l.Newly = f.bool()
		case 24:
			l.Rejudged = w.time(&f)
		case 25:
			l.Basis.Verdict = uint32(f.n)
		case 26:
			l.Basis.Weight = uint32(f.n)
		case 27:
			l.Moved = w.time(&f)
		case 28:
			l.From.Team = w.text(&f)
		case 29:
			l.From.Owner = w.text(&f)
		}
	}
	return w.err
}

func putFacts(b []byte, d *hygiene.Facts) []byte {
	b = putText(b, 1, d.Name)
	b = putText(b, 2, d.URL)
	b = putText(b, 3, d.OwnerID)
	b = putText(b, 4, d.OwnerName)
	b = putText(b, 5, d.OwnerEmail)
	b = putBool(b, 6, d.OwnerActive)
	b = putText(b, 7, d.Team)
	b = putText(b, 8, d.Pipeline)
	b = putText(b, 9, d.Stage)
	b = putText(b, 10, d.StageLabel)
	b = putNumber(b, 11, d.Amount)
	b = putText(b, 12, d.Currency)
	b = putInt(b, 13, d.CloseDate)
	b = putText(b, 14, d.Forecast)
	return putBool(b, 15, d.Commit)
}

func (w *Walk) facts(outer *field, d *hygiene.Facts) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			d.Name = in.text(&f)
		case 2:
			d.URL = in.text(&f)
		case 3:
			d.OwnerID = in.text(&f)
		case 4:
			d.OwnerName = in.text(&f)
		case 5:
			d.OwnerEmail = in.text(&f)
		case 6:
			d.OwnerActive = f.bool()
		case 7:
			d.Team = in.text(&f)
		case 8:
			d.Pipeline = in.text(&f)
		case 9:
			d.Stage = in.text(&f)
		case 10:
			d.StageLabel = in.text(&f)
		case 11:
			d.Amount = crm.Num(f.double())
		case 12:
			d.Currency = in.text(&f)
		case 13:
			d.CloseDate = crm.Date(f.int())
		case 14:
			d.Forecast = in.text(&f)
		case 15:
			d.Commit = f.bool()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
}

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
	return putBool(b, 9, s.Questions)
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
	return putSums(b, 12, t.CommitQuestion)
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
