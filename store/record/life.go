package record

import (
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
	b = putMeasure(b, 21, l.Says.Count)
	b = putMeasure(b, 22, l.Limit)
	b = putBool(b, 23, l.Newly)
	b = putTime(b, 24, l.Rejudged)
	b = putInt(b, 25, l.Basis.Verdict)
	b = putInt(b, 26, l.Basis.Weight)
	b = putTime(b, 27, l.Moved)
	b = putText(b, 28, l.From.Team)
	b = putText(b, 29, l.From.Owner)
	b = putBool(b, 31, l.Paused)
	b = putText(b, 32, l.Leaver)
	b = putText(b, 33, l.To.Team)
	b = putText(b, 34, l.To.Owner)
	b = putText(b, 35, l.Says.Message)
	b = putText(b, 36, l.Says.Fix)
	b = putText(b, 37, l.Says.Value)
	b = putText(b, 38, l.Says.Threshold)
	b = putInt(b, 39, l.Says.Since)
	return putText(b, 40, l.SaysDone)
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
		case 7: // 7 to 10 and 30 are sentences of versions that kept the words
			l.Says.Message = hygiene.Plain(w.text(&f))
		case 8:
			l.Says.Fix = hygiene.Plain(w.text(&f))
		case 9:
			l.Says.Value = hygiene.Plain(w.text(&f))
		case 10:
			l.Says.Threshold = hygiene.Plain(w.text(&f))
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
			l.Says.Count = f.double()
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
		case 30:
			l.SaysDone = hygiene.Plain(w.text(&f))
		case 31:
			l.Paused = f.bool()
		case 32:
			l.Leaver = w.text(&f)
		case 33:
			l.To.Team = w.text(&f)
		case 34:
			l.To.Owner = w.text(&f)
		case 35:
			l.Says.Message = hygiene.Said(w.text(&f))
		case 36:
			l.Says.Fix = hygiene.Said(w.text(&f))
		case 37:
			l.Says.Value = hygiene.Said(w.text(&f))
		case 38:
			l.Says.Threshold = hygiene.Said(w.text(&f))
		case 39:
			l.Says.Since = crm.Date(f.int())
		case 40:
			l.SaysDone = hygiene.Said(w.text(&f))
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
	b = putBool(b, 15, d.Commit)
	b = putInt(b, 16, d.Created)
	b = putText(b, 17, d.Unclear)
	b = putTime(b, 18, d.CreatedAt)
	return putText(b, 19, d.Unparked)
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
		case 16:
			d.Created = crm.Date(f.int())
		case 17:
			d.Unclear = in.text(&f)
		case 18:
			d.CreatedAt = in.time(&f)
		case 19:
			d.Unparked = in.text(&f)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
}
