package soql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/crm"
)

func TestSOQL(t *testing.T) {
	for _, c := range []struct {
		want string
		q    Query
	}{
		{"SELECT Id FROM Task", Query{Columns: []string{"Id"}, Object: "Task"}},
		{"SELECT Id, Name FROM Opportunity WHERE IsClosed = false AND CloseDate >= 2026-11-24 ORDER BY Id LIMIT 7",
			Query{Columns: []string{"Id", "Name"}, Object: "Opportunity", Order: []string{"Id"}, Limit: 7,
				Where: All{is{"IsClosed", "=", Truth(false)}, is{"CloseDate", ">=", Day(crm.NewDate(2026, 11, 24))}}}},
		{`SELECT Id FROM T WHERE (A = 'O\'Neil \\ x\n\u0001' OR B IN ('a', 'b\''))`,
			Query{Columns: []string{"Id"}, Object: "T", Where: All{Either{is{"A", "=", Text("O'Neil \\ x\n\x01")}, oneOf{"B", []string{"a", "b'"}}}}}},
		{"SELECT Id FROM T WHERE (A = null AND C >= 2026-11-24T16:12:00Z)",
			Query{Columns: []string{"Id"}, Object: "T", Where: All{All{is{"A", "=", Null{}}, is{"C", ">=", Moment(time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC).Unix())}}}}},
	} {
		if got := c.q.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// FuzzSOQL builds a query out of bytes, writes the query, and parses the text with the
// parser below: both queries are equal.
func FuzzSOQL(f *testing.F) {
	for _, s := range []string{"", "\x02\x01\x03a'b\x00\x05\x04\xff\xff\xff\xff", "\x01\x01\x07\\' OR Name != '\x01\x02\n", "\x03\x06\x03\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r", "\x01\x04\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want := (&maker{b}).query()
		got, err := parseSOQL(want.String())
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nread back as\n%#v\nwant\n%#v", want, got, want)
		}
	})
}

// maker builds a query out of bytes.
type maker struct{ b []byte }

func (m *maker) n(below int) int {
	if len(m.b) == 0 {
		return 0
	}
	n := int(m.b[0]) % below
	m.b = m.b[1:]
	return n
}

func (m *maker) name() string {
	return []string{"Id", "What.Type", "Amount", "Decision_Criteria__c", "SystemModstamp"}[m.n(5)]
}

func (m *maker) text() string {
	n := min(m.n(12), len(m.b))
	s := strings.ToValidUTF8(string(m.b[:n]), "?")
	m.b = m.b[n:]
	return s
}

func (m *maker) literal() Literal {
	var n [8]byte
	switch m.n(5) {
	case 0:
		copy(n[:], m.text())
		return Moment(int64(binary.LittleEndian.Uint64(n[:]) % 250_000_000_000)) // to the year 9891
	case 1:
		copy(n[:], m.text())
		return Day(1 + crm.Date(binary.LittleEndian.Uint64(n[:])%3_000_000))
	case 2:
		return Truth(m.n(2) == 1)
	case 3:
		return Null{}
	}
	return Text(m.text())
}

func (m *maker) conditions(depth int) (list []Condition) {
	for range 1 + m.n(3) {
		switch kind := m.n(4); {
		case kind == 0 && depth > 0:
			list = append(list, All(m.conditions(depth-1)))
		case kind == 1 && depth > 0:
			if c := m.conditions(depth - 1); len(c) > 1 {
				list = append(list, Either(c)) // around one condition, Either and All are written alike
			} else {
				list = append(list, All(c))
			}
		case kind == 2:
			c := oneOf{field: m.name()}
			for range 1 + m.n(3) {
				c.values = append(c.values, m.text())
			}
			list = append(list, c)
		default:
			list = append(list, is{m.name(), []string{"=", "!=", "<", "<=", ">", ">="}[m.n(6)], m.literal()})
		}
	}
	return list
}

func (m *maker) query() Query {
	q := Query{Object: "Opportunity"}
	for range 1 + m.n(3) {
		q.Columns = append(q.Columns, m.name())
	}
	if m.n(2) == 1 {
		q.Where = m.conditions(3)
	}
	for range m.n(3) {
		q.Order = append(q.Order, m.name())
	}
	q.Limit = m.n(200)
	return q
}

// parser parses what Query.String writes, and little else.
type parser struct{ rest string }

var errParse = errors.New("no such query")

func (p *parser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, func(c rune) bool {
		return !strings.ContainsRune("._-:", c) && (c < '0' || c > 'z' || c == '=' || c == '<' || c == '>')
	})
	if end < 0 {
		end = len(p.rest)
	}
	w := p.rest[:end]
	p.rest = p.rest[end:]
	return w
}

func (p *parser) words() (list []string) {
	for list = append(list, p.word()); p.take(", "); {
		list = append(list, p.word())
	}
	return list
}

func parseSOQL(s string) (q Query, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errParse, r)
		}
	}()
	p := &parser{s}
	p.must("SELECT ")
	q.Columns = p.words()
	p.must(" FROM ")
	q.Object = p.word()
	if p.take(" WHERE ") {
		q.Where, _ = p.list()
	}
	if p.take(" ORDER BY ") {
		q.Order = p.words()
	}
	if p.take(" LIMIT ") {
		if q.Limit, err = strconv.Atoi(p.word()); err != nil {
			return q, err
		}
	}
	if p.rest != "" {
		panic("left over: " + p.rest)
	}
	return q, nil
}

func (p *parser) must(s string) {
	if !p.take(s) {
		panic("want " + s + " at " + p.rest)
	}
}

// list parses conditions joined by one word, and reports whether the word is OR.
func (p *parser) list() (list []Condition, or bool) {
	for {
		list = append(list, p.condition())
		switch {
		case p.take(" OR "):
			or = true
		case p.take(" AND "):
		default:
			return list, or
		}
	}
}

func (p *parser) condition() Condition {
	if p.take("(") {
		list, or := p.list()
		p.must(")")
		if or {
			return Either(list)
		}
		return All(list)
	}
	field := p.word()
	if p.take(" IN (") {
		c := oneOf{field: field}
		for c.values = append(c.values, p.text()); p.take(", "); {
			c.values = append(c.values, p.text())
		}
		p.must(")")
		return c
	}
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.take(" " + op + " ") {
			return is{field, op, p.literal()}
		}
	}
	panic("no condition at " + p.rest)
}

func (p *parser) literal() Literal {
	if p.rest[0] == '\'' {
		return Text(p.text())
	}
	switch w := p.word(); w {
	case "true", "false":
		return Truth(w == "true")
	case "null":
		return Null{}
	default:
		if t, err := time.Parse("2006-01-02T15:04:05Z", w); err == nil {
			return Moment(t.Unix())
		}
		d, err := crm.ParseDate(w)
		if err != nil {
			panic(err)
		}
		return Day(d)
	}
}

func (p *parser) text() string {
	p.must("'")
	var b strings.Builder
	for !p.take("'") {
		c, n := utf8.DecodeRuneInString(p.rest)
		p.rest = p.rest[n:]
		if c < ' ' {
			panic("a control character")
		}
		if c == '\\' {
			e := p.rest[0]
			p.rest = p.rest[1:]
			switch i := strings.IndexByte("nrtbf", e); {
			case i >= 0:
				c = rune("\n\r\t\b\f"[i])
			case e == 'u':
				v, err := strconv.ParseUint(p.rest[:4], 16, 16)
				if err != nil {
					panic(err)
				}
				c, p.rest = rune(v), p.rest[4:]
			default:
				c = rune(e)
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}

func TestEscaped(t *testing.T) {
	q := Query{Columns: []string{"Id"}, Object: "T", Where: All{is{"A", "=", Text("a+b 'c' & ü=1")}}}
	escaped, ok := q.Escaped()
	if !ok || strings.Contains(escaped, "+") {
		t.Fatalf("%q, %v", escaped, ok)
	}
	u, err := url.Parse("/query?q=" + escaped)
	if err != nil || u.Query().Get("q") != q.String() {
		t.Errorf("%q arrives as %q", escaped, u.Query().Get("q"))
	}
	q.Where = All{is{"A", "=", Text(strings.Repeat("'", longest/2))}}
	if _, ok := q.Escaped(); ok {
		t.Error("a query of any length goes into an address")
	}
}
