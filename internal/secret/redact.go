package secret

import (
	"fmt"
	"io"
)

// Mask stands wherever a secret would be printed.
const Mask = "***"

// Even the place of a secret is masked: an operator may have typed the secret itself
// where the name of the variable or file belongs.

// String returns the mask.
func (s Secret) String() string { return Mask }

// GoString returns the mask.
func (s Secret) GoString() string { return Mask }

// Format writes the mask for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// MarshalJSON writes the mask.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }

// MarshalText writes the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }
