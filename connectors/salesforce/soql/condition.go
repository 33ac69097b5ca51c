package soql

import "strings"

// Condition is what a row must meet.
type Condition interface {
	// Fields are the fields that the condition names.
	Fields() []string
	write(b *strings.Builder)
}

// Is compares a field with a literal by =, !=, <, <=, > or >=.
func Is(field, op string, value Literal) Condition { return is{field, op, value} }

type is struct {
	field, op string
	value     Literal
}

// OneOf is met by a field that has one of the values. It requires at least one value.
func OneOf(field string, values []string) Condition { return oneOf{field, values} }

type oneOf struct {
	field  string
	values []string
}

// All is met when each of its conditions is met. Within another condition, All
// requires at least one condition.
type All []Condition

// Either is met when one of its conditions is met. It requires at least one.
type Either []Condition

func (c is) write(b *strings.Builder) { b.WriteString(c.field + " " + c.op + " " + c.value.literal()) }
func (c is) Fields() []string         { return []string{c.field} }

func (c oneOf) write(b *strings.Builder) {
	b.WriteString(c.field + " IN (")
	for i, v := range c.values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Text(v).literal())
	}
	b.WriteByte(')')
}
func (c oneOf) Fields() []string { return []string{c.field} }

func (c All) write(b *strings.Builder) { grouped(b, " AND ", c) }

// Fields are the fields that the conditions name.
func (c All) Fields() []string            { return fieldsOf(c) }
func (c Either) write(b *strings.Builder) { grouped(b, " OR ", c) }

// Fields are the fields that the conditions name.
func (c Either) Fields() []string { return fieldsOf(c) }

func grouped(b *strings.Builder, word string, list []Condition) {
	b.WriteByte('(')
	join(b, word, list)
	b.WriteByte(')')
}

func join(b *strings.Builder, word string, list []Condition) {
	for i, c := range list {
		if i > 0 {
			b.WriteString(word)
		}
		c.write(b)
	}
}

func fieldsOf(list []Condition) (names []string) {
	for _, c := range list {
		names = append(names, c.Fields()...)
	}
	return names
}
