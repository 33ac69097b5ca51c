package export

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// object writes one JSON object with its keys in the order given.
type object struct {
	b *bytes.Buffer
	n int
}

// open begins an object; close ends it.
func open(b *bytes.Buffer) *object {
	b.WriteByte('{')
	return &object{b: b}
}

func (o *object) put(key string, v any) {
	if o.n++; o.n > 1 {
		o.b.WriteByte(',')
	}
	o.b.WriteString(strconv.Quote(key))
	o.b.WriteByte(':')
	enc, err := json.Marshal(v)
	if err != nil {
		enc = []byte("null") // numbers that JSON has no word for
	}
	o.b.Write(enc)
}

func (o *object) close() { o.b.WriteString("}\n") }

// text is s as JSON; null when s is empty.
func text(s string) any {
	if s == "" {
		return nil
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// number is n as JSON; null when n is unknown.
func number(n crm.Number) any {
	if !n.Known {
		return nil
	}
	return n.Value
}

// answer is a as JSON; null when the CRM does not tell.
func answer(a crm.Answer) any {
	if a == crm.NotTold {
		return nil
	}
	return a == crm.Yes
}

// at is t as JSON; null when t is zero.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// custom is the configured fields that can be read, as one JSON object.
func custom(p *crm.Opportunity, f crm.Fields) any {
	out := map[string]any{}
	for _, c := range p.Custom {
		if f.Access(c.Name) != crm.Readable || p.IsUnclear(c.Name) {
			continue
		}
		switch c.Type {
		case crm.Empty:
			out[c.Name] = nil
		case crm.Numeric:
			out[c.Name] = json.Number(c.Value)
		case crm.Boolean:
			out[c.Name] = c.Value == "true"
		default:
			out[c.Name] = text(c.Value)
		}
	}
	return out
}
