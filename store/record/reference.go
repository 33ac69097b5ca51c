package record

import (
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
)

// AppendUser appends a user.
func AppendUser(b []byte, u *crm.User) []byte {
	b = putText(b, 1, u.ID)
	b = putText(b, 2, u.Name)
	b = putText(b, 3, u.Email)
	b = putBool(b, 4, u.Active)
	b = putText(b, 5, u.ManagerID)
	b = putText(b, 6, u.TimeZone)
	for _, t := range u.Teams {
		b = putEntry(b, 7, t)
	}
	b = putText(b, 8, u.Login)
	return putText(b, 9, u.Actor)
}

// User reads a user.
func (w *Walk) User(u *crm.User) error {
	*u = crm.User{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			u.ID = w.text(&f)
		case 2:
			u.Name = w.text(&f)
		case 3:
			u.Email = w.text(&f)
		case 4:
			u.Active = f.bool()
		case 5:
			u.ManagerID = w.text(&f)
		case 6:
			u.TimeZone = w.text(&f)
		case 7:
			u.Teams = append(u.Teams, w.text(&f))
		case 8:
			u.Login = w.text(&f)
		case 9:
			u.Actor = w.text(&f)
		}
	}
	return w.err
}

// AppendStage appends a stage.
func AppendStage(b []byte, s *crm.Stage) []byte {
	b = putText(b, 1, s.Pipeline)
	b = putText(b, 2, s.ID)
	b = putText(b, 3, s.Label)
	b = putInt(b, 4, s.Order)
	b = putBool(b, 5, s.Closed)
	b = putBool(b, 6, s.Won)
	b = putBool(b, 7, s.Active)
	b = putText(b, 8, s.Forecast)
	b = putText(b, 9, s.PipelineLabel)
	b = putBool(b, 10, s.Gone)
	return putNumber(b, 11, s.Probability)
}

// Stage reads a stage.
func (w *Walk) Stage(s *crm.Stage) error {
	*s = crm.Stage{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.Pipeline = w.text(&f)
		case 2:
			s.ID = w.text(&f)
		case 3:
			s.Label = w.text(&f)
		case 4:
			s.Order = f.int()
		case 5:
			s.Closed = f.bool()
		case 6:
			s.Won = f.bool()
		case 7:
			s.Active = f.bool()
		case 8:
			s.Forecast = w.text(&f)
		case 9:
			s.PipelineLabel = w.text(&f)
		case 10:
			s.Gone = f.bool()
		case 11:
			s.Probability = crm.Num(f.double())
		}
	}
	return w.err
}

// Source is what the cache knows of a source.
type Source struct {
	Key  byte // first byte of the source's keys
	Info crm.Info
	// Remapped are the tracked fields of which the cache may hold the values of another field
	// of the account, until all opportunities have been read again.
	Remapped []crm.Field
}

// AppendSource appends a Source.
func AppendSource(b []byte, s *Source) []byte {
	b = putInt(b, 1, s.Key)
	b = putText(b, 2, s.Info.Type)
	b = putText(b, 3, s.Info.Account)
	b = putText(b, 4, s.Info.Link)
	b = putText(b, 5, s.Info.Currency)
	b = putMap(b, 6, s.Info.Fields)
	b = putMap(b, 7, s.Info.Why)
	b = putText(b, 8, s.Info.TimeZone)
	b = putInt(b, 9, s.Info.FiscalStart)
	for _, name := range s.Info.Dates {
		b = putEntry(b, 10, name)
	}
	b = putSums(b, 11, s.Info.Rates)
	b = putMap(b, 12, s.Info.Mapped)
	for _, name := range s.Remapped {
		b = putEntry(b, 13, string(name))
	}
	return b
}

// putMap appends a map<string, string>, sorted by key.
func putMap[V ~string](b []byte, num protowire.Number, m map[string]V) []byte {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		var at int
		b, at = begin(b, num)
		b = putEntry(b, 1, k)
		b = putEntry(b, 2, string(m[k]))
		b = end(b, at)
	}
	return b
}

// Source reads a Source.
func (w *Walk) Source(s *Source) error {
	*s = Source{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			s.Key = byte(f.n)
		case 2:
			s.Info.Type = w.text(&f)
		case 3:
			s.Info.Account = w.text(&f)
		case 4:
			s.Info.Link = w.text(&f)
		case 5:
			s.Info.Currency = w.text(&f)
		case 6:
			if s.Info.Fields == nil {
				s.Info.Fields = crm.Fields{}
			}
			k, v := w.entry(&f)
			s.Info.Fields[k] = crm.Access(w.text(&v))
		case 7:
			if s.Info.Why == nil {
				s.Info.Why = map[string]string{}
			}
			k, v := w.entry(&f)
			s.Info.Why[k] = w.text(&v)
		case 8:
			s.Info.TimeZone = w.text(&f)
		case 9:
			s.Info.FiscalStart = time.Month(f.int())
		case 10:
			s.Info.Dates = append(s.Info.Dates, w.text(&f))
		case 11:
			s.Info.Rates = w.sum(s.Info.Rates, &f)
		case 12:
			if s.Info.Mapped == nil {
				s.Info.Mapped = map[string]string{}
			}
			k, v := w.entry(&f)
			s.Info.Mapped[k] = w.text(&v)
		case 13:
			s.Remapped = append(s.Remapped, crm.Field(w.text(&f)))
		}
	}
	return w.err
}

// entry reads an entry of a map.
func (w *Walk) entry(f *field) (key string, value field) {
	in, g := w.within(f), field{}
	for in.next(&g) {
		switch g.num {
		case 1:
			key = in.text(&g)
		case 2:
			value = g
		}
	}
	if in.err != nil {
		w.err = in.err
	}
	return key, value
}
