package record

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// ParkRange is the beginning of the keys of all parks of a source.
func ParkRange(source string) []byte {
	return Words(nil, source, string(crm.KindOpportunity), "")
}

// ParkKey is the key of a park, or says why it cannot be one. The parks of a deal sort by
// time.
func ParkKey(k *hygiene.Park) ([]byte, error) {
	if err := CheckWords("park", k.Source, k.Rule); err != nil {
		return nil, err
	}
	if err := CheckID(crm.KindOpportunity, k.Record); err != nil {
		return nil, err
	}
	b := append(AppendID(ParkRange(k.Source), k.Record), 0)
	return append(AppendInstant(b, k.At), k.Rule...), nil
}

// AppendPark appends a park.
func AppendPark(b []byte, k *hygiene.Park) []byte {
	b = putText(b, 1, k.Source)
	b = putText(b, 2, k.Record)
	b = putText(b, 3, k.Rule)
	b = putTime(b, 4, k.At)
	b = putInt(b, 5, k.From)
	b = putInt(b, 6, k.Until)
	b = putInt(b, 7, k.Asked)
	b = putText(b, 8, k.Cut)
	b = putText(b, 9, k.Reason)
	b = putText(b, 10, k.By)
	b = putText(b, 11, k.How)
	b = putText(b, 12, k.Owner)
	b = putText(b, 13, k.End)
	b = putTime(b, 14, k.Ended)
	b, at := begin(b, 15)
	b = putFacts(b, &k.Deal)
	b = end(b, at)
	return putBool(b, 16, k.Away)
}

// Park reads a park.
func (w *Walk) Park(k *hygiene.Park) error {
	*k = hygiene.Park{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			k.Source = w.text(&f)
		case 2:
			k.Record = w.text(&f)
		case 3:
			k.Rule = w.text(&f)
		case 4:
			k.At = w.time(&f)
		case 5:
			k.From = crm.Date(f.int())
		case 6:
			k.Until = crm.Date(f.int())
		case 7:
			k.Asked = crm.Date(f.int())
		case 8:
			k.Cut = hygiene.Limit(w.text(&f))
		case 9:
			k.Reason = w.text(&f)
		case 10:
			k.By = w.text(&f)
		case 11:
			k.How = hygiene.Way(w.text(&f))
		case 12:
			k.Owner = w.text(&f)
		case 13:
			k.End = hygiene.Ending(w.text(&f))
		case 14:
			k.Ended = w.time(&f)
		case 15:
			w.facts(&f, &k.Deal)
		case 16:
			k.Away = f.bool()
		}
	}
	return w.err
}
