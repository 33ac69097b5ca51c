package form

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// keyName is the text of an entry's key; ok is false for keys that are no
// words: lists, merge keys, null.
func keyName(e *ast.MappingValueNode) (name string, ok bool) {
	switch k := ast.Node(e.Key).(type) {
	case *ast.MappingKeyNode, *ast.MergeKeyNode, *ast.NullNode, *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		return "", false
	case *ast.StringNode:
		return k.Value, true
	case ast.ScalarNode:
		if t := k.GetToken(); t != nil {
			return t.Value, true
		}
	}
	return "", false
}

// Child is the path of a key in the mapping at path.
func Child(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// position is where a node begins.
func position(n ast.Node) point {
	var t *token.Token
	switch n := n.(type) {
	case nil:
		return point{}
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return position(n.Values[0].Key)
		}
		t = n.Start
	case *ast.MappingValueNode:
		return position(n.Key)
	default:
		t = n.GetToken()
	}
	if t == nil || t.Position == nil {
		return point{}
	}
	return point{t.Position.Line, t.Position.Column}
}

func mappingEntries(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func isScalarNode(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return true
	}
	return false
}

// kindOf names the kind of a node, without repeating its text.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode:
		return "a number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a decimal number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	}
	return "something else"
}
