package bolt

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/timestamppb" // record.proto imports it

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

// codec is one kind of record, for any value of it.
type codec struct {
	message string
	full    func() (bytes []byte, again func([]byte) (string, []byte))
}

// of makes a codec. Full fills every field of a T with something that is not
// zero, writes it, and returns what reads bytes back: the difference to what was
// written, and the bytes written again.
func of[T any](message string, put func([]byte, *T) []byte, get func(*wire, *T) error, opts ...cmp.Option) codec {
	return codec{message, func() ([]byte, func([]byte) (string, []byte)) {
		var v T
		n := 0
		fill(reflect.ValueOf(&v).Elem(), &n)
		return put(nil, &v), func(b []byte) (string, []byte) {
			var lent, owned T
			if err := get(&wire{b: b, lend: true}, &lent); err != nil {
				return err.Error(), nil
			}
			if err := get(&wire{b: b}, &owned); err != nil {
				return err.Error(), nil
			}
			return cmp.Diff(v, owned, opts...) + cmp.Diff(v, lent, opts...), put(nil, &owned)
		}
	}}
}

func codecs() []codec {
	return []codec{
		of("Opportunity", putOpportunity, (*wire).opportunity),
		of("Activity", putActivity, (*wire).activity),
		of("Contact", putContact, (*wire).contact),
		of("Links", func(b []byte, v *[]string) []byte { return putLinks(b, *v) }, (*wire).links),
		of("Change", putChange, (*wire).change),
		of("User", putUser, (*wire).user),
		of("Stage", putStage, (*wire).stage),
		of("Source", putSource, (*wire).source, cmp.AllowUnexported(sourceRecord{})),
		of("Stream", putStream, (*wire).stream, cmp.AllowUnexported(streamRecord{})),
		of("Meta", putMeta, (*wire).meta, cmp.AllowUnexported(metaRecord{})),
		of("Life", putLife, (*wire).life),
		of("Snapshot", putSnapshot, (*wire).snapshot),
		of("Delivery", putDelivery, (*wire).delivery),
		of("Period", putPeriod, (*wire).period),
		of("Reader", putReader, (*wire).reader),
	}
}

// skipped are fields of Go structs that are not stored in the record.
var skipped = map[string]bool{"store.StreamState.Source": true}

// fill sets every field, so that one which somebody adds and forgets to store is
// found by the tests below.
func fill(v reflect.Value, n *int) {
	*n++
	if !v.CanSet() { // unexported: of our own records
		v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	}
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
	case reflect.Uint64:
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

func TestEmptyIsNotZero(t *testing.T) {
	epoch := time.Unix(0, 0).UTC()
	o := crm.Opportunity{ID: "1", Amount: crm.Num(0), CreatedAt: epoch, Custom: []crm.Custom{{}}}
	got := owned(o, putOpportunity, (*wire).opportunity)
	diff(t, "known zero", got, o)
	a := crm.Activity{ID: "1", At: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), Due: crm.NewDate(1, 1, 1)}
	diff(t, "early time", owned(a, putActivity, (*wire).activity), a)
	l := hygiene.Life{Generation: 1<<64 - 1}
	diff(t, "large number", owned(l, putLife, (*wire).life), l)
	d := delivery.Delivery{Parts: []delivery.Part{{Body: make([]byte, 300)}, {}}}
	diff(t, "long part", owned(d, putDelivery, (*wire).delivery), d)
}

func TestTextIsAlwaysUTF8(t *testing.T) {
	got := owned(crm.Opportunity{ID: "1", Name: "a\xffb\x00\r\n\u202e"}, putOpportunity, (*wire).opportunity)
	if got.Name != "a\uFFFDb\x00\r\n\u202e" {
		t.Errorf("got %q", got.Name)
	}
}

// loadSpec reads the part of the protobuf language that record.proto uses.
func loadSpec(t *testing.T, path string) protoreflect.FileDescriptor {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file := &descriptorpb.FileDescriptorProto{Name: new(path), Syntax: new("proto3")}
	var msg *descriptorpb.DescriptorProto
	for in := bufio.NewScanner(f); in.Scan(); {
		line, _, _ := strings.Cut(in.Text(), "//")
		w := strings.Fields(strings.NewReplacer("map<string, ", "map<string,", ";", " ", `"`, "").Replace(line))
		switch {
		case len(w) == 0 || w[0] == "syntax":
		case w[0] == "package":
			file.Package = new(w[1])
		case w[0] == "import":
			file.Dependency = append(file.Dependency, w[1])
		case w[0] == "message":
			msg = &descriptorpb.DescriptorProto{Name: new(w[1])}
			file.MessageType = append(file.MessageType, msg)
		case w[0] == "}":
		default:
			addField(t, file.GetPackage(), msg, w)
		}
	}
	d, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func addField(t *testing.T, pkg string, msg *descriptorpb.DescriptorProto, w []string) {
	t.Helper()
	f := &descriptorpb.FieldDescriptorProto{Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	switch w[0] {
	case "repeated":
		f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		w = w[1:]
	case "optional":
		f.Proto3Optional = new(true)
		f.OneofIndex = new(int32(len(msg.OneofDecl)))
		msg.OneofDecl = append(msg.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: new("_" + w[2])})
		w = w[1:]
	}
	if len(w) != 4 || w[2] != "=" {
		t.Fatalf("record.proto: %q", w)
	}
	n, err := strconv.Atoi(w[3])
	if err != nil {
		t.Fatal(err)
	}
	f.Name, f.Number = new(w[1]), new(int32(n))
	if v, ok := strings.CutPrefix(w[0], "map<string,"); ok {
		entry := &descriptorpb.DescriptorProto{Options: &descriptorpb.MessageOptions{MapEntry: new(true)}}
		for part := range strings.SplitSeq(w[1], "_") {
			entry.Name = new(entry.GetName() + strings.ToUpper(part[:1]) + part[1:])
		}
		entry.Name = new(entry.GetName() + "Entry")
		addField(t, pkg, entry, []string{"string", "key", "=", "1"})
		addField(t, pkg, entry, []string{strings.TrimSuffix(v, ">"), "value", "=", "2"})
		msg.NestedType = append(msg.NestedType, entry)
		f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		f.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
		f.TypeName = new("." + pkg + "." + msg.GetName() + "." + entry.GetName())
	} else if v, ok := descriptorpb.FieldDescriptorProto_Type_value["TYPE_"+strings.ToUpper(w[0])]; ok {
		f.Type = descriptorpb.FieldDescriptorProto_Type(v).Enum()
	} else {
		f.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
		name := pkg + "." + w[0]
		if strings.Contains(w[0], ".") {
			name = w[0]
		}
		f.TypeName = new("." + name)
	}
	msg.Field = append(msg.Field, f)
}
