package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer other than success of the Salesforce side.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(status int, code, format string, args ...any) error {
	return &apiError{status, code, fmt.Sprintf(format, args...)}
}

// caret draws where in the statement something is wrong, as the service does.
func caret(soql string, pos int, message string) string {
	from, to := max(0, pos-40), min(len(soql), pos+40)
	line := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(soql[from:to])
	row := 1 + strings.Count(soql[:min(pos, len(soql))], "\n")
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s", line, strings.Repeat(" ", pos-from), row, pos+1, message)
}

func malformed(soql string, pos int, message string) error {
	return fail(400, "MALFORMED_QUERY", "%s", caret(soql, pos, message))
}

// noColumn is what a query gets for a field that does not exist and for one
// that the login may not see; the two cannot be told apart.
func noColumn(soql string, pos int, name, object string) error {
	return fail(400, "INVALID_FIELD", "%s", caret(soql, pos, fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, object)))
}

func noRelation(soql string, pos int, name string) error {
	return fail(400, "INVALID_FIELD", "%s", caret(soql, pos, fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name)))
}

func noObject(soql string, pos int, name string) error {
	return fail(400, "INVALID_TYPE", "%s", caret(soql, pos, fmt.Sprintf("sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", name)))
}

// writeError answers with err as REST does: an array of errors.
func writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)"}
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Token")
	}
	writeJSON(w, e.status, []map[string]string{{"message": e.message, "errorCode": e.code}})
}

// writeJSON answers with v. What leads to an encoding error cannot happen with
// the values used here.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
