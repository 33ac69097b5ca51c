package salesforce

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// apiError is an answer other than success.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(status int, code, format string, args ...any) error {
	return &apiError{status, code, fmt.Sprintf(format, args...)}
}

// writeError answers with err as REST does: an array of errors.
func writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if q, ok := errors.AsType[*soql.Error](err); ok {
		e = &apiError{http.StatusBadRequest, q.Code, q.Message}
	} else if !errors.As(err, &e) {
		e = &apiError{500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)"}
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Token")
	}
	wire.JSON(w, e.status, []map[string]string{{"message": e.message, "errorCode": e.code}})
}
