package connectortest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// Secret is a reference to a file that holds value, as an operator would write
// such a reference. A test that changes the secret writes another value to its File.
func Secret(t testing.TB, value string) secret.Secret {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
		t.Fatal(err)
	}
	return secret.Secret{File: path}
}
