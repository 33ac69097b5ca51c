package record

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/timestamppb" // record.proto imports it
)

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
