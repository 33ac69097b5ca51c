package soql

import "strings"

// or reads conditions joined by OR or by AND. A mix of both requires parentheses, as
// the real parser does.
func (p *parser) or() (expr, error) {
	first, err := p.unary()
	if err != nil {
		return nil, err
	}
	all := &logic{args: []expr{first}}
	for n := 0; p.peek().Is("and") || p.peek().Is("or"); n++ {
		and := p.peek().Is("and")
		if n > 0 && and != all.and {
			return nil, p.unexpected()
		}
		all.and = and
		p.next()
		e, err := p.unary()
		if err != nil {
			return nil, err
		}
		all.args = append(all.args, e)
	}
	if len(all.args) == 1 {
		return first, nil
	}
	return all, nil
}

func (p *parser) unary() (expr, error) {
	switch {
	case p.accept("not"):
		e, err := p.unary()
		return &negation{e}, err
	case p.accept("("):
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	}
	c := &comparison{name: p.next()}
	if c.name.kind != tokName {
		p.i--
		return nil, p.unexpected()
	}
	op := p.next()
	switch c.op = strings.ToLower(op.Text); {
	case op.kind == tokPunct && strings.Contains(" = != < <= > >= <> ", " "+op.Text+" "):
		if c.op == "<>" {
			c.op = "!="
		}
	case op.Is("like"):
	case op.Is("in"), op.Is("not") && p.accept("in"):
		if c.op == "not" {
			c.op = "not in"
		}
		return c, p.list(c)
	default:
		p.i--
		return nil, p.unexpected()
	}
	return c, p.literal(c)
}

func (p *parser) list(c *comparison) error {
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		if err := p.literal(c); err != nil {
			return err
		}
		if !p.accept(",") {
			return p.expect(")")
		}
	}
}

func (p *parser) literal(c *comparison) error {
	t := p.next()
	if t.kind == tokEnd || t.kind == tokPunct {
		if t.kind == tokPunct {
			p.i--
		}
		return p.unexpected()
	}
	c.args = append(c.args, t)
	return nil
}
