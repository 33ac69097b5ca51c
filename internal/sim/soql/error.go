package soql

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a statement, in the service's words.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// caret draws where in the statement something is wrong, as the service does.
func caret(soql string, pos int, message string) string {
	from, to := max(0, pos-40), min(len(soql), pos+40)
	line := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(soql[from:to])
	row := 1 + strings.Count(soql[:min(pos, len(soql))], "\n")
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s", line, strings.Repeat(" ", pos-from), row, pos+1, message)
}

func malformed(soql string, pos int, message string) error {
	return refuse("MALFORMED_QUERY", "%s", caret(soql, pos, message))
}

// noColumn is the error for a field that does not exist, and for a field that the
// login may not see: the service does not distinguish the two.
func noColumn(soql string, pos int, name, object string) error {
	return refuse("INVALID_FIELD", "%s", caret(soql, pos, fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, object)))
}

func noRelation(soql string, pos int, name string) error {
	return refuse("INVALID_FIELD", "%s", caret(soql, pos, fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name)))
}

func noObject(soql string, pos int, name string) error {
	return refuse("INVALID_TYPE", "%s", caret(soql, pos, fmt.Sprintf("sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", name)))
}
