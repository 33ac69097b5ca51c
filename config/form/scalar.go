package form

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// scalar fills a text, number, truth value or duration.
func (f *Form) scalar(v reflect.Value, n ast.Node, path string) {
	if !isScalarNode(n) {
		f.Report(path, "must be %s, not %s", required(v), kindOf(n))
		return
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		if s, ok := f.text(n, path); ok {
			if err := u.UnmarshalText([]byte(s)); err != nil {
				f.Report(path, "%s", err)
			}
		}
		return
	}
	if _, ok := reflect.TypeAssert[time.Duration](v); ok {
		f.duration(v, n, path)
		return
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := f.text(n, path); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		b, ok := truth(n)
		if !ok {
			f.Report(path, "must be true or false, not %s", kindOf(n))
			return
		}
		v.SetBool(b)
	case reflect.Int:
		x, ok := number(n)
		if !ok || x != math.Trunc(x) || math.Abs(x) > 1<<31 {
			f.Report(path, "must be a whole number, not %s", kindOf(n))
			return
		}
		v.SetInt(int64(x))
	case reflect.Float64:
		x, ok := number(n)
		if !ok {
			f.Report(path, "must be a number, not %s", kindOf(n))
			return
		}
		v.SetFloat(x)
	default:
		panic(fmt.Sprintf("config: field of kind %s at %s", v.Kind(), path)) // a struct of ours is wrong
	}
}

// text is a scalar as the file spells it, because names may look like numbers.
func (f *Form) text(n ast.Node, path string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	f.Report(path, "must be text, not %s; put it in quotes", kindOf(n))
	return "", false
}

func (f *Form) duration(v reflect.Value, n ast.Node, path string) {
	s, ok := f.text(n, path)
	if !ok {
		return
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		f.Report(path, "%q is not a duration; write 15m, or 1h30m", s)
		return
	}
	v.SetInt(int64(d))
}

// truth reads what YAML 1.2 and 1.1 call true and false.
func truth(n ast.Node) (value, ok bool) {
	switch n := n.(type) {
	case *ast.BoolNode:
		return n.Value, true
	case *ast.StringNode:
		switch plain(n.Value) {
		case "on", "yes":
			return true, true
		case "off", "no":
			return false, true
		}
	}
	return false, false
}

func number(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		switch i := n.Value.(type) {
		case int64:
			return float64(i), true
		case uint64:
			return float64(i), true
		}
	case *ast.FloatNode:
		return n.Value, true
	}
	return 0, false
}

// environmentName matches the names that a shell gives variables. The pattern also
// refuses most secrets that were written where a variable's name belongs.
var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

const secretForm = "secrets are {env: NAME} or {file: PATH}, never written here; if a secret stands here now, have a new one issued"

// secret reads a reference to a secret. No message repeats the text of the value.
func (f *Form) secret(s *secret.Secret, n ast.Node, path string) {
	var form struct{ env, file *string }
	es, ok := mappingEntries(n)
	if !ok {
		f.Report(path, secretForm)
		return
	}
	for _, e := range es {
		name, _ := keyName(e)
		value := ""
		text, isText := f.resolve(e.Value, path).(*ast.StringNode)
		if isText {
			value = text.Value
		}
		switch {
		case name == "env" && form.env == nil && isText:
			form.env = &value
		case name == "file" && form.file == nil && isText:
			form.file = &value
		default:
			f.Report(path, secretForm)
			return
		}
	}
	switch {
	case form.env != nil && form.file != nil:
		f.Report(path, "has both env and file; keep one of them")
	case form.env != nil && environmentName.MatchString(*form.env):
		s.Env = *form.env
	case form.env != nil:
		f.Report(path, "env takes the name of an environment variable: letters, digits and _")
	case form.file != nil && *form.file != "":
		s.File = *form.file
	default:
		f.Report(path, secretForm)
	}
}

// required names what a field takes.
func required(v reflect.Value) string {
	if _, ok := reflect.TypeAssert[time.Duration](v); ok {
		return "a duration such as 15m"
	}
	if _, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		return "a word"
	}
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "text"
}

// Quote writes a value in quotes for a message, shortened.
func Quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return strconv.Quote(s)
}
