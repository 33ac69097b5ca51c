package record

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pipetidy/pipetidy/crm"
)

// AppendOpportunity appends an opportunity.
func AppendOpportunity(b []byte, o *crm.Opportunity) []byte {
	b = putText(b, 1, o.ID)
	b = putText(b, 2, o.Name)
	b = putText(b, 3, o.Pipeline)
	b = putText(b, 4, o.Stage)
	b = putNumber(b, 5, o.Amount)
	b = putText(b, 6, o.Currency)
	b = putInt(b, 7, o.CloseDate)
	b = putText(b, 8, o.OwnerID)
	b = putText(b, 9, o.AccountID)
	b = putText(b, 10, o.NextStep)
	b = putText(b, 11, o.ForecastCategory)
	b = putBool(b, 12, o.Closed)
	b = putBool(b, 13, o.Won)
	b = putTime(b, 14, o.CreatedAt)
	b = putTime(b, 15, o.ModifiedAt)
	b = putTime(b, 16, o.StageSince)
	b = putTime(b, 17, o.LastActivityAt)
	b = putTime(b, 18, o.NextActivityAt)
	b = putNumber(b, 19, o.Contacts)
	for i := range o.Custom {
		c := &o.Custom[i]
		var at int
		b, at = begin(b, 20)
		b = putText(b, 1, c.Name)
		b = putText(b, 2, c.Value)
		b = putInt(b, 3, c.Type)
		b = end(b, at)
	}
	for _, name := range o.Unclear {
		b = putEntry(b, 21, name)
	}
	b = putTime(b, 22, o.ClosesAt)
	b = putText(b, 23, o.LeadSource)
	b = putText(b, 24, o.Type)
	b = putNumber(b, 25, o.Probability)
	b = putInt(b, 26, o.HasProducts)
	b = putOrigin(b, 27, &o.Origin)
	b = putText(b, 28, o.ModifiedBy)
	return putBool(b, 29, !o.Early)
}

// Opportunity reads an opportunity into o and uses o.Custom and o.Unclear again.
func (w *Walk) Opportunity(o *crm.Opportunity) error {
	*o = crm.Opportunity{Custom: o.Custom[:0], Unclear: o.Unclear[:0], Early: true}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			o.ID = w.text(&f)
		case 2:
			o.Name = w.text(&f)
		case 3:
			o.Pipeline = w.text(&f)
		case 4:
			o.Stage = w.text(&f)
		case 5:
			o.Amount = crm.Num(f.double())
		case 6:
			o.Currency = w.text(&f)
		case 7:
			o.CloseDate = crm.Date(f.int())
		case 8:
			o.OwnerID = w.text(&f)
		case 9:
			o.AccountID = w.text(&f)
		case 10:
			o.NextStep = w.text(&f)
		case 11:
			o.ForecastCategory = w.text(&f)
		case 12:
			o.Closed = f.bool()
		case 13:
			o.Won = f.bool()
		case 14:
			o.CreatedAt = w.time(&f)
		case 15:
			o.ModifiedAt = w.time(&f)
		case 16:
			o.StageSince = w.time(&f)
		case 17:
			o.LastActivityAt = w.time(&f)
		case 18:
			o.NextActivityAt = w.time(&f)
		case 19:
			o.Contacts = crm.Num(f.double())
		case 20:
			o.Custom = slices.Grow(o.Custom, 1)[:len(o.Custom)+1]
			w.custom(&f, &o.Custom[len(o.Custom)-1])
		case 21:
			o.Unclear = append(o.Unclear, w.text(&f))
		case 22:
			o.ClosesAt = w.time(&f)
		case 23:
			o.LeadSource = w.text(&f)
		case 24:
			o.Type = w.text(&f)
		case 25:
			o.Probability = crm.Num(f.double())
		case 26:
			o.HasProducts = crm.Answer(f.n)
		case 27:
			w.origin(&f, &o.Origin)
		case 28:
			o.ModifiedBy = w.text(&f)
		case 29:
			o.Early = !f.bool()
		}
	}
	return w.err
}

// Valued is what the bytes of an opportunity hold where its configured field of that name
// has a value: the name, and behind it the tag of the value. An empty value is not stored.
func Valued(name string) []byte { return append([]byte(name), 2<<3|2) }

func (w *Walk) custom(f *field, c *crm.Custom) {
	*c = crm.Custom{}
	in, g := w.within(f), field{}
	for in.next(&g) {
		switch g.num {
		case 1:
			c.Name = in.text(&g)
		case 2:
			c.Value = in.text(&g)
		case 3:
			c.Type = crm.ValueType(g.n)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
}

// AppendActivity appends an activity.
func AppendActivity(b []byte, a *crm.Activity) []byte {
	b = putText(b, 1, a.ID)
	b = putText(b, 2, a.Kind)
	for _, id := range a.OpportunityIDs {
		b = putEntry(b, 3, id)
	}
	b = putText(b, 4, a.OwnerID)
	b = putTime(b, 5, a.At)
	b = putInt(b, 6, a.Due)
	b = putBool(b, 7, a.Done)
	b = putText(b, 8, a.Direction)
	b = putText(b, 9, a.Outcome)
	b = putBool(b, 10, a.Automated)
	b = putTime(b, 11, a.CreatedAt)
	b = putBool(b, 12, a.Unclear)
	b = putText(b, 13, a.Subject)
	b = putText(b, 14, a.Subtype)
	return putOrigin(b, 15, &a.Origin)
}

// putOrigin appends who made a record; nobody who is told is no field.
func putOrigin(b []byte, num protowire.Number, o *crm.Origin) []byte {
	if *o == (crm.Origin{}) {
		return b
	}
	b, at := begin(b, num)
	b = putText(b, 1, o.By)
	b = putText(b, 2, o.Via)
	b = putText(b, 3, o.App)
	b = putText(b, 4, o.AppName)
	return end(b, at)
}

func (w *Walk) origin(f *field, o *crm.Origin) {
	*o = crm.Origin{}
	in, g := w.within(f), field{}
	for in.next(&g) {
		switch g.num {
		case 1:
			o.By = in.text(&g)
		case 2:
			o.Via = in.text(&g)
		case 3:
			o.App = in.text(&g)
		case 4:
			o.AppName = in.text(&g)
		}
	}
	if in.err != nil {
		w.err = in.err
	}
}

// Activity reads an activity into a and uses a.OpportunityIDs again.
func (w *Walk) Activity(a *crm.Activity) error {
	*a = crm.Activity{OpportunityIDs: a.OpportunityIDs[:0]}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			a.ID = w.text(&f)
		case 2:
			a.Kind = crm.ActivityKind(w.text(&f))
		case 3:
			a.OpportunityIDs = append(a.OpportunityIDs, w.text(&f))
		case 4:
			a.OwnerID = w.text(&f)
		case 5:
			a.At = w.time(&f)
		case 6:
			a.Due = crm.Date(f.int())
		case 7:
			a.Done = f.bool()
		case 8:
			a.Direction = crm.Direction(w.text(&f))
		case 9:
			a.Outcome = w.text(&f)
		case 10:
			a.Automated = f.bool()
		case 11:
			a.CreatedAt = w.time(&f)
		case 12:
			a.Unclear = f.bool()
		case 13:
			a.Subject = w.text(&f)
		case 14:
			a.Subtype = w.text(&f)
		case 15:
			w.origin(&f, &a.Origin)
		}
	}
	return w.err
}

// AppendLinks appends the ids of the opportunities that a record belongs to.
func AppendLinks(b []byte, ids []string) []byte {
	for _, id := range ids {
		b = putEntry(b, 1, id)
	}
	return b
}

// Links reads the ids of the opportunities that a record belongs to.
func (w *Walk) Links(ids *[]string) error {
	*ids = (*ids)[:0]
	var f field
	for w.next(&f) {
		if f.num == 1 {
			*ids = append(*ids, w.text(&f))
		}
	}
	return w.err
}

// AppendContact appends a link to a contact.
func AppendContact(b []byte, c *crm.Contact) []byte {
	b = putText(b, 1, c.ID)
	b = putText(b, 2, c.OpportunityID)
	b = putText(b, 3, c.ContactID)
	b = putText(b, 4, c.Role)
	b = putBool(b, 5, c.Primary)
	b = putText(b, 6, c.Title)
	b = putInt(b, 7, c.EmailBounced)
	return putInt(b, 8, c.EmailOptedOut)
}

// Contact reads a link to a contact.
func (w *Walk) Contact(c *crm.Contact) error {
	*c = crm.Contact{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			c.ID = w.text(&f)
		case 2:
			c.OpportunityID = w.text(&f)
		case 3:
			c.ContactID = w.text(&f)
		case 4:
			c.Role = w.text(&f)
		case 5:
			c.Primary = f.bool()
		case 6:
			c.Title = w.text(&f)
		case 7:
			c.EmailBounced = crm.Answer(f.n)
		case 8:
			c.EmailOptedOut = crm.Answer(f.n)
		}
	}
	return w.err
}

// AppendChange appends a change.
func AppendChange(b []byte, c *crm.Change) []byte {
	b = putText(b, 1, c.ID)
	b = putText(b, 2, c.OpportunityID)
	b = putText(b, 3, c.Field)
	b = putText(b, 4, c.Old)
	b = putText(b, 5, c.New)
	b = putBool(b, 6, c.OldKnown)
	b = putTime(b, 7, c.At)
	b = putText(b, 8, c.By)
	b = putBool(b, 9, c.Observed)
	b = putText(b, 10, c.Via)
	b = putText(b, 11, c.App)
	return putText(b, 12, c.AppName)
}

// Change reads a change.
func (w *Walk) Change(c *crm.Change) error {
	*c = crm.Change{}
	var f field
	for w.next(&f) {
		switch f.num {
		case 1:
			c.ID = w.text(&f)
		case 2:
			c.OpportunityID = w.text(&f)
		case 3:
			c.Field = crm.Field(w.text(&f))
		case 4:
			c.Old = w.text(&f)
		case 5:
			c.New = w.text(&f)
		case 6:
			c.OldKnown = f.bool()
		case 7:
			c.At = w.time(&f)
		case 8:
			c.By = w.text(&f)
		case 9:
			c.Observed = f.bool()
		case 10:
			c.Via = w.text(&f)
		case 11:
			c.App = w.text(&f)
		case 12:
			c.AppName = w.text(&f)
		}
	}
	return w.err
}
