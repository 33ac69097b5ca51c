// Package soql reads and runs the subset of Salesforce's query language that a
// connector uses: lex, parse, resolve against a schema, run over rows. The package
// keeps no records: a [Schema] says what may be named, [Records] reads a row's
// columns, and the caller hands in the rows. Refusals are in the words of the
// service. Begin with [Parse], [Query.Prepare] and [Statement.Run]. To write a query,
// use connectors/salesforce/soql.
package soql

import (
	"strconv"
	"strings"
)

// Query is a parsed SOQL statement. Names are not resolved yet.
type Query struct {
	soql   string
	fields []Token
	count  bool
	from   Token
	where  expr
	order  []orderTerm
	limit  int // -1: none
	offset int
}

// Select is the query for some fields of an object.
func Select(object string, names []string, soql string) *Query {
	q := &Query{soql: soql, from: Token{Text: object}, limit: -1}
	for _, n := range names {
		q.fields = append(q.fields, Token{kind: tokName, Text: strings.TrimSpace(n)})
	}
	return q
}

// Chunked reports whether the service may read a large object in chunks: the query
// has neither an order nor a limit.
func (q *Query) Chunked() bool { return q.order == nil && q.limit < 0 }

type orderTerm struct {
	name      Token
	desc      bool
	nullsLast bool
}

// expr is a condition: *logic, *negation or *comparison.
type expr any

type logic struct {
	and  bool
	args []expr
}

type negation struct{ arg expr }

type comparison struct {
	name Token
	op   string // = != < <= > >= in, not in, like
	args []Token
}

type parser struct {
	soql string
	toks []Token
	i    int
}

func (p *parser) peek() Token { return p.toks[p.i] }

func (p *parser) next() Token {
	t := p.toks[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (p *parser) accept(word string) bool {
	if p.peek().Is(word) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(word string) error {
	if !p.accept(word) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) unexpected() error {
	t := p.peek()
	return malformed(p.soql, t.pos, "unexpected token: '"+t.Text+"'")
}

// Parse parses the subset: SELECT fields or COUNT() FROM object WHERE …
// ORDER BY … LIMIT n OFFSET n.
func Parse(soql string) (*Query, error) {
	if len(soql) > 100_000 {
		return nil, refuse("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
	}
	toks, err := Lex(soql)
	if err != nil {
		return nil, err
	}
	p := &parser{soql: soql, toks: toks}
	q := &Query{soql: soql, limit: -1}
	if err := p.head(q); err != nil {
		return nil, err
	}
	if p.accept("where") {
		if q.where, err = p.or(); err != nil {
			return nil, err
		}
	}
	if p.accept("order") {
		if err := p.orderBy(q); err != nil {
			return nil, err
		}
	}
	for _, clause := range []struct {
		word string
		n    *int
	}{{"limit", &q.limit}, {"offset", &q.offset}} {
		if p.accept(clause.word) {
			t := p.next()
			if *clause.n, err = strconv.Atoi(t.Text); err != nil || t.kind != tokNumber || *clause.n < 0 {
				return nil, malformed(soql, t.pos, "unexpected token: '"+t.Text+"'")
			}
		}
	}
	if p.peek().kind != tokEnd {
		return nil, p.unexpected()
	}
	return q, nil
}

func (p *parser) head(q *Query) error {
	if err := p.expect("select"); err != nil {
		return err
	}
	if p.peek().Is("count") && p.toks[p.i+1].Is("(") && p.toks[p.i+2].Is(")") {
		q.count = true
		p.i += 3
	} else {
		for {
			t := p.next()
			if t.kind != tokName || t.Is("from") {
				p.i--
				return p.unexpected()
			}
			q.fields = append(q.fields, t)
			if !p.accept(",") {
				break
			}
		}
	}
	if err := p.expect("from"); err != nil {
		return err
	}
	if q.from = p.next(); q.from.kind != tokName {
		p.i--
		return p.unexpected()
	}
	return nil
}

func (p *parser) orderBy(q *Query) error {
	if err := p.expect("by"); err != nil {
		return err
	}
	for {
		t := orderTerm{name: p.next()}
		if t.name.kind != tokName {
			p.i--
			return p.unexpected()
		}
		if p.accept("desc") {
			t.desc = true
		} else {
			p.accept("asc")
		}
		if p.accept("nulls") {
			if t.nullsLast = p.accept("last"); !t.nullsLast {
				if err := p.expect("first"); err != nil {
					return err
				}
			}
		}
		q.order = append(q.order, t)
		if !p.accept(",") {
			return nil
		}
	}
}
