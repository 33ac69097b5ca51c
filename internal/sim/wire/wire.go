// Package wire is how the simulated services write JSON, and how long an address
// they read.
package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// MaxURI is what the services accept as a URI; Salesforce also as URI and headers
// together.
const MaxURI = 16384

// JSON answers with v. What leads to an encoding error cannot happen with the
// values that the services tell.
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
