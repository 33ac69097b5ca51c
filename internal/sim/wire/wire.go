// Package wire is what the simulated HTTP services write alike: JSON without escaped
// markup, and the length at which an address is refused. JSON of the product does
// not go through this package.
package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// MaxURI is the longest URI in bytes that the services accept; for Salesforce also
// the limit of URI and headers together.
const MaxURI = 16384

// JSON answers with v. The values of the services always encode, so there is no
// error to return.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// Quote writes a text as JSON.
func Quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}
