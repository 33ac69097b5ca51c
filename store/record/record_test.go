package record

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// codec writes and reads one kind of record.
type codec struct {
	message string
	full    func() (bytes []byte, again func([]byte) (string, []byte))
	rewrite func(message []byte) ([]byte, error) // reads any bytes and writes what was read
}

// of makes the codec of T. full fills every field of a T with something that is not
// zero and returns the T as bytes. The function that full returns reads bytes into a T;
// it returns the difference from the T that was written, and the T read as bytes.
func of[T any](message string, put func([]byte, *T) []byte, get func(*Walk, *T) error) codec {
	rewrite := func(b []byte) ([]byte, error) {
		var v T
		err := get(&Walk{b: b}, &v)
		return put(nil, &v), err
	}
	return codec{message, func() ([]byte, func([]byte) (string, []byte)) {
		var v T
		n := 0
		fill(reflect.ValueOf(&v).Elem(), &n)
		return put(nil, &v), func(b []byte) (string, []byte) {
			var lent, owned T
			if err := get(&Walk{b: b, lend: true}, &lent); err != nil {
				return err.Error(), nil
			}
			if err := get(&Walk{b: b}, &owned); err != nil {
				return err.Error(), nil
			}
			return cmp.Diff(v, owned) + cmp.Diff(v, lent), put(nil, &owned)
		}
	}, rewrite}
}

func codecs() []codec {
	return []codec{
		of("Opportunity", AppendOpportunity, (*Walk).Opportunity),
		of("Activity", AppendActivity, (*Walk).Activity),
		of("Contact", AppendContact, (*Walk).Contact),
		of("Links", func(b []byte, v *[]string) []byte { return AppendLinks(b, *v) }, (*Walk).Links),
		of("Change", AppendChange, (*Walk).Change),
		of("User", AppendUser, (*Walk).User),
		of("Stage", AppendStage, (*Walk).Stage),
		of("Source", AppendSource, (*Walk).Source),
		of("Stream", AppendStream, (*Walk).Stream),
		of("Meta", AppendMeta, (*Walk).Meta),
		of("Life", AppendLife, (*Walk).Life),
		of("Snapshot", AppendSnapshot, (*Walk).Snapshot),
		of("Delivery", AppendDelivery, (*Walk).Delivery),
		of("Period", AppendPeriod, (*Walk).Period),
		of("Reader", AppendReader, (*Walk).Reader),
		of("Generation", AppendGeneration, (*Walk).Generation),
		of("Park", AppendPark, (*Walk).Park),
		of("Note", func(b []byte, v *string) []byte { return AppendNote(b, *v) }, (*Walk).Note),
	}
}

// skipped are fields of Go structs that are not stored: what a finding says in words is made
// when it is shown.
var skipped = map[string]bool{
	"store.StreamState.Source": true, "crm.Opportunity.Early": true, "hygiene.Life.Done": true, "hygiene.Finding.Message": true, "hygiene.Finding.Fix": true,
	"hygiene.Finding.Value": true, "hygiene.Finding.Threshold": true, "hygiene.Finding.Measured": true,
}

// fill sets every field, so that the tests below fail for a field that somebody adds and
// forgets to store.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(noon.Add(time.Duration(*n)*time.Second + 7*time.Nanosecond)))
		return
	case crm.Number:
		v.Set(reflect.ValueOf(crm.Num(float64(*n) + 0.5)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d ü", v.Type().Name(), *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n) * 1000)
	case reflect.Uint8:
		v.SetUint(uint64(*n%5 + 1))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n) * 1000)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.25)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 3 {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(k, n)
			fill(e, n)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !skipped[v.Type().String()+"."+v.Type().Field(i).Name] {
				fill(v.Field(i), n)
			}
		}
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestRecordsAreWhatTheSpecificationSays(t *testing.T) {
	spec := loadSpec(t, "record.proto")
	for _, c := range codecs() {
		t.Run(c.message, func(t *testing.T) {
			ours, again := c.full()
			if d, b := again(ours); d != "" || string(b) != string(ours) {
				t.Fatalf("reading back what was written:\n%s", d)
			}
			desc := spec.Messages().ByName(protoreflect.Name(c.message))
			if desc == nil {
				t.Fatal("not in record.proto")
			}
			m := dynamicpb.NewMessage(desc)
			if err := proto.Unmarshal(ours, m); err != nil {
				t.Fatal(err)
			}
			complete(t, m)
			theirs, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if string(theirs) != string(ours) {
				t.Errorf("protobuf-go writes other bytes:\n%x\n%x", theirs, ours)
			}
			if d, _ := again(theirs); d != "" {
				t.Errorf("reading what protobuf-go wrote:\n%s", d)
			}
		})
	}
}

// complete fails for fields that are not set, or that the specification does not know.
func complete(t *testing.T, m protoreflect.Message) {
	t.Helper()
	if len(m.GetUnknown()) > 0 {
		t.Errorf("%s: fields that record.proto does not have: %x", m.Descriptor().Name(), m.GetUnknown())
	}
	fs := m.Descriptor().Fields()
	for i := range fs.Len() {
		f := fs.Get(i)
		switch {
		case !m.Has(f):
			t.Errorf("%s.%s is not written", m.Descriptor().Name(), f.Name())
		case f.IsMap() || f.Kind() != protoreflect.MessageKind || f.Message().FullName() == "google.protobuf.Timestamp":
		case f.IsList():
			complete(t, m.Get(f).List().Get(0).Message())
		default:
			complete(t, m.Get(f).Message())
		}
	}
}

func TestUnknownFieldsAreSkipped(t *testing.T) {
	var extra []byte
	for i, typ := range []protowire.Type{protowire.VarintType, protowire.Fixed32Type, protowire.Fixed64Type, protowire.BytesType, protowire.StartGroupType} {
		num := protowire.Number(900 + i)
		extra = protowire.AppendTag(extra, num, typ)
		switch typ {
		case protowire.VarintType:
			extra = protowire.AppendVarint(extra, 1<<40)
		case protowire.Fixed32Type:
			extra = protowire.AppendFixed32(extra, 7)
		case protowire.Fixed64Type:
			extra = protowire.AppendFixed64(extra, 7)
		case protowire.BytesType:
			extra = protowire.AppendString(extra, "later")
		case protowire.StartGroupType:
			extra = protowire.AppendTag(extra, num, protowire.EndGroupType)
		}
	}
	for _, c := range codecs() {
		ours, again := c.full()
		if d, _ := again(append(append([]byte(nil), extra...), append(ours, extra...)...)); d != "" {
			t.Errorf("%s: %s", c.message, d)
		}
	}
}

func TestCutRecordsAreErrors(t *testing.T) {
	for _, c := range codecs() {
		ours, again := c.full()
		if d, _ := again(ours[:len(ours)-1]); d == "" {
			t.Errorf("%s: a cut record was read as a whole one", c.message)
		}
	}
}

// owned copies a record by writing and reading it.
func owned[T any](v T, put func([]byte, *T) []byte, get func(*Walk, *T) error) (out T) {
	if err := get(&Walk{b: put(nil, &v)}, &out); err != nil {
		panic(err)
	}
	return out
}

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestEmptyIsNotZero(t *testing.T) {
	epoch := time.Unix(0, 0).UTC()
	o := crm.Opportunity{ID: "1", Amount: crm.Num(0), CreatedAt: epoch, Custom: []crm.Custom{{}}}
	got := owned(o, AppendOpportunity, (*Walk).Opportunity)
	diff(t, "known zero", got, o)
	a := crm.Activity{ID: "1", At: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), Due: crm.NewDate(1, 1, 1)}
	diff(t, "early time", owned(a, AppendActivity, (*Walk).Activity), a)
	l := hygiene.Life{Generation: 1<<64 - 1}
	diff(t, "large number", owned(l, AppendLife, (*Walk).Life), l)
	d := delivery.Delivery{Parts: []delivery.Part{{Body: make([]byte, 300)}, {}}}
	diff(t, "long part", owned(d, AppendDelivery, (*Walk).Delivery), d)
}

func TestTextIsAlwaysUTF8(t *testing.T) {
	got := owned(crm.Opportunity{ID: "1", Name: "a\xffb\x00\r\n\u202e"}, AppendOpportunity, (*Walk).Opportunity)
	if got.Name != "a\uFFFDb\x00\r\n\u202e" {
		t.Errorf("got %q", got.Name)
	}
}

// TestWordsOfOlderVersionsAreRead: a journal of a version that kept the words of a finding
// says them until the finding is judged again.
func TestWordsOfOlderVersionsAreRead(t *testing.T) {
	var b []byte
	for num, text := range map[protowire.Number]string{3: "006A", 7: "no contact since Mon (16 business days)", 8: "Reach out.", 9: "16 business days", 10: "14 business days", 30: "has an amount"} {
		b = putText(b, num, text)
	}
	b = putMeasure(b, 21, 16.0)
	l := owned(hygiene.Life{}, func([]byte, *hygiene.Life) []byte { return b }, (*Walk).Life)
	v := hygiene.Voice{}
	got := []string{v.Text(l.Says.Message), v.Text(l.Says.Fix), v.Text(l.Says.Value), v.Text(l.Says.Threshold), v.Text(l.SaysDone)}
	diff(t, "words", got, []string{"no contact since Mon (16 business days)", "Reach out.", "16 business days", "14 business days", "has an amount"})
	if l.Record != "006A" || v.Measured(&l.Says) != 16 {
		t.Errorf("got %+v", l)
	}
	diff(t, "written anew", owned(l, AppendLife, (*Walk).Life), l)
}

// TestEarlyOpportunitiesSayNothingOfDetails: the file of a version that knew no details is
// read, and what that version did not ask for is neither empty nor known.
func TestEarlyOpportunitiesSayNothingOfDetails(t *testing.T) {
	early := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "1")
	early = protowire.AppendString(protowire.AppendTag(early, 9, protowire.BytesType), "a1")
	custom := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), crm.LossReason)
	configured := protowire.AppendBytes(protowire.AppendTag(early, 20, protowire.BytesType), custom)
	whole := AppendOpportunity(nil, &crm.Opportunity{ID: "1"})
	for _, c := range []struct {
		what    string
		bytes   []byte
		field   string
		unclear bool
	}{
		{"early", early, "lead_source", true},
		{"early", early, "products", true},
		{"early", early, crm.LossReason, true},
		{"early", early, "account", false}, // it has one
		{"early", early, "amount", false},
		{"early, with a configured reason", configured, crm.LossReason, false},
		{"whole", whole, "lead_source", false},
		{"whole", whole, "account", false},
		{"whole", whole, crm.LossReason, false},
	} {
		var o crm.Opportunity
		if err := (&Walk{b: c.bytes}).Opportunity(&o); err != nil {
			t.Fatal(err)
		}
		if o.IsUnclear(c.field) != c.unclear {
			t.Errorf("%s: %s is unclear: %v, want %v", c.what, c.field, o.IsUnclear(c.field), c.unclear)
		}
	}
}
