package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// Noon is the time in all tests.
var Noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// ID makes an id of 18 characters, as an id of Salesforce.
func ID(n int) string { return fmt.Sprintf("006%012dAAA", n) }

// Opportunity is the open deal with ID(n).
func Opportunity(n int) crm.Opportunity {
	return crm.Opportunity{
		ID: ID(n), Name: fmt.Sprint("Deal ", n), Stage: "Prospecting", Amount: crm.Num(float64(n)),
		CloseDate: crm.NewDate(2026, 12, 1), OwnerID: "u1", ModifiedAt: Noon.Add(-time.Hour),
	}
}

// PageOf is the last page of a run, with these opportunities.
func PageOf(os ...crm.Opportunity) crm.Page {
	return crm.Page{Stream: crm.Opportunities, Opportunities: os, Next: "c", AsOf: Noon}
}

// Life is an open finding of a rule on a record.
func Life(source, record, rule string) hygiene.Life {
	return hygiene.Life{
		Finding: hygiene.Finding{Key: hygiene.Key{Source: source, Kind: crm.KindOpportunity, Record: record, Rule: rule}, Severity: hygiene.High, Message: "m"},
		State:   hygiene.Open, Opened: Noon, First: Noon, Generation: 1,
	}
}

// Park is a park of a deal that was made at that time and holds for 30 days.
func Park(source, record string, at time.Time) hygiene.Park {
	day := crm.DateOf(at, time.UTC)
	return hygiene.Park{
		Source: source, Record: record, At: at, From: day, Until: day + 30, Asked: day + 40, Cut: hygiene.CutOnce, Reason: "budget in January",
		By: "Ana", How: hygiene.ByField, Owner: "u1", Deal: hygiene.Facts{Name: "Deal " + record, Team: "West", Amount: crm.Num(1)},
	}
}

// Delivery is a delivery of one part in that state.
func Delivery(id string, st delivery.State) delivery.Delivery {
	return delivery.Delivery{
		ID: id, Digest: "daily", Team: "West", Recipient: "m@x.org", Channel: delivery.Slack, Else: delivery.Email, Period: "2026-11-21", Edition: 1,
		State: st, AsOf: Noon, Changed: Noon.Add(time.Minute), Told: []byte("told"), Parts: []delivery.Part{{Key: "k", Body: []byte("hello"), State: st}},
	}
}

// Register makes a source known to the engine.
func Register(t testing.TB, e store.Engine, source string) {
	t.Helper()
	info := crm.Info{Type: "salesforce", Account: "00D1", Link: "https://x/{id}", Currency: "EUR", Fields: crm.Fields{"amount": crm.Readable, "next_step": crm.Hidden}, Why: map[string]string{"next_step": "ask for it"}}
	if err := e.Register(t.Context(), e.Fence(), source, info); err != nil {
		t.Fatal(err)
	}
}

// Commit commits a page of the source "sf".
func Commit(t testing.TB, e store.Engine, p crm.Page) store.Commit {
	t.Helper()
	c, err := e.CommitPage(t.Context(), e.Fence(), "sf", &p, Noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Deals returns copies of all open deals of a source.
func Deals(t testing.TB, e store.Engine, source string) []hygiene.Deal {
	t.Helper()
	var out []hygiene.Deal
	_, more, err := e.Scan(t.Context(), source, "", 0, func(d *hygiene.Deal) error {
		out = append(out, clone(d))
		return nil
	})
	if err != nil || more {
		t.Fatal(err, more)
	}
	return out
}

// clone copies a lent deal, or a record of one, with all its strings.
func clone[T any](lent *T) T {
	out := *lent
	own(reflect.ValueOf(&out).Elem())
	return out
}

// own replaces the strings and slices in v by copies.
func own(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Clone(v.String()))
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		lent := v.Interface()
		v.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		reflect.Copy(v, reflect.ValueOf(lent))
		for i := range v.Len() {
			own(v.Index(i))
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			if f.CanSet() {
				own(f)
			}
		}
	}
}

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func state(t testing.TB, e store.Engine, stream crm.Stream) store.StreamState {
	t.Helper()
	all, err := e.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range all {
		if st.Stream == stream {
			return st
		}
	}
	return store.StreamState{}
}
