package record

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// AppendDelivery appends a delivery.
func AppendDelivery(b []byte, d *delivery.Delivery) []byte {
	b = putText(b, 1, d.ID)
	b = putText(b, 2, d.Digest)
	b = putText(b, 3, d.Period)
	b = putInt(b, 4, d.Edition)
	b = putText(b, 5, d.Team)
	b = putText(b, 6, d.Recipient)
	b = putText(b, 7, d.Channel)
	b = putText(b, 8, d.Else)
	b = putText(b, 9, d.State)
	b = putText(b, 10, d.Reason)
	for i := range d.Parts {
		var at int
		b, at = begin(b, 11)
		b = putPart(b, &d.Parts[i])
		b = end(b, at)
	}
	b = putInt(b, 12, d.Attempts)
	b = putTime(b, 13, d.NextAt)
	b = putTime(b, 14, d.Deadline)
	b = putTime(b, 15, d.Created)
	b = putTime(b, 16, d.Changed)
	b = putTime(b, 17, d.AsOf)
	b = putBool(b, 18, d.Test)
	b = putText(b, 19, d.To)
	b = putTime(b, 20, d.ElseAt)
	b = putBool(b, 21, d.Small)
	return putBytes(b, 22, d.Told)
}

// Delivery reads a delivery.
func (w *Walk) Delivery(d *delivery.Delivery) error {
	*d = delivery.Delivery{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			d.ID = w.text(&f)
		case 2:
			d.Digest = w.text(&f)
		case 3:
			d.Period = w.text(&f)
		case 4:
			d.Edition = f.int()
		case 5:
			d.Team = w.text(&f)
		case 6:
			d.Recipient = w.text(&f)
		case 7:
			d.Channel = delivery.Channel(w.text(&f))
		case 8:
			d.Else = delivery.Channel(w.text(&f))
		case 9:
			d.State = delivery.State(w.text(&f))
		case 10:
			d.Reason = w.text(&f)
		case 11:
			d.Parts = append(d.Parts, w.part(&f))
		case 12:
			d.Attempts = f.int()
		case 13:
			d.NextAt = w.time(&f)
		case 14:
			d.Deadline = w.time(&f)
		case 15:
			d.Created = w.time(&f)
		case 16:
			d.Changed = w.time(&f)
		case 17:
			d.AsOf = w.time(&f)
		case 18:
			d.Test = f.bool()
		case 19:
			d.To = w.text(&f)
		case 20:
			d.ElseAt = w.time(&f)
		case 21:
			d.Small = f.bool()
		case 22:
			d.Told = slices.Clone(f.b)
		}
	}
	return w.err
}

func putPart(b []byte, p *delivery.Part) []byte {
	b = putText(b, 1, p.Key)
	b = putBytes(b, 2, p.Body)
	b = putText(b, 3, p.Hash)
	b = putText(b, 4, p.State)
	b = putText(b, 5, p.Reason)
	b = putInt(b, 6, p.Attempts)
	b = putTime(b, 7, p.Started)
	if p.Receipt != (delivery.Receipt{}) {
		var at int
		b, at = begin(b, 8)
		b = putText(b, 1, p.Receipt.Channel)
		b = putText(b, 2, p.Receipt.ID)
		b = putTime(b, 3, p.Receipt.At)
		b = end(b, at)
	}
	b = putTime(b, 9, p.Ended)
	return putInt(b, 10, p.Doubts)
}

func (w *Walk) part(outer *field) (p delivery.Part) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			p.Key = in.text(&f)
		case 2:
			p.Body = slices.Clone(f.b)
		case 3:
			p.Hash = in.text(&f)
		case 4:
			p.State = delivery.State(in.text(&f))
		case 5:
			p.Reason = in.text(&f)
		case 6:
			p.Attempts = f.int()
		case 7:
			p.Started = in.time(&f)
		case 8:
			p.Receipt = in.receipt(&f)
		case 9:
			p.Ended = in.time(&f)
		case 10:
			p.Doubts = f.int()
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return p
}

func (w *Walk) receipt(outer *field) (r delivery.Receipt) {
	in, f := w.within(outer), field{}
	for in.next(&f) {
		switch f.num {
		case 1:
			r.Channel = in.text(&f)
		case 2:
			r.ID = in.text(&f)
		case 3:
			r.At = in.time(&f)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return r
}

// AppendPeriod appends a row of the period ledger.
func AppendPeriod(b []byte, p *digest.Period) []byte {
	b = putText(b, 1, p.Digest)
	b = putText(b, 2, p.Team)
	b = putInt(b, 3, p.Date)
	b = putText(b, 4, p.Zone)
	b = putText(b, 5, p.State)
	b = putText(b, 6, p.Reason)
	b = putTime(b, 7, p.Begun)
	return putInt(b, 8, p.Edition)
}

// Period reads a row of the period ledger.
func (w *Walk) Period(p *digest.Period) error {
	*p = digest.Period{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			p.Digest = w.text(&f)
		case 2:
			p.Team = w.text(&f)
		case 3:
			p.Date = crm.Date(f.int())
		case 4:
			p.Zone = w.text(&f)
		case 5:
			p.State = w.text(&f)
		case 6:
			p.Reason = w.text(&f)
		case 7:
			p.Begun = w.time(&f)
		case 8:
			p.Edition = f.int()
		}
	}
	return w.err
}

// AppendReader appends a reader's baseline.
func AppendReader(b []byte, r *digest.Reader) []byte {
	b = putText(b, 1, r.Digest)
	b = putText(b, 2, r.Team)
	b = putText(b, 3, r.Recipient)
	b = putTime(b, 4, r.AsOf)
	b = putTime(b, 5, r.SentAt)
	b = putText(b, 6, r.Period)
	return putBytes(b, 7, r.Told)
}

// Reader reads a reader's baseline.
func (w *Walk) Reader(r *digest.Reader) error {
	*r = digest.Reader{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			r.Digest = w.text(&f)
		case 2:
			r.Team = w.text(&f)
		case 3:
			r.Recipient = w.text(&f)
		case 4:
			r.AsOf = w.time(&f)
		case 5:
			r.SentAt = w.time(&f)
		case 6:
			r.Period = w.text(&f)
		case 7:
			r.Told = slices.Clone(f.b)
		}
	}
	return w.err
}
