package email_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors/email"
)

func TestAllows(t *testing.T) {
	own := &email.Config{From: "Pipetidy <pipetidy@acme.example>"}
	listed := &email.Config{From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"OldCo.example"}}
	for _, c := range []struct {
		email   *email.Config
		address string
		want    bool
	}{{own, "ana@ACME.example", true}, {own, "ana@oldco.example", false}, {listed, "ana@oldco.example", true}, {listed, "ana@acme.example", false}, {listed, "ana@sub.oldco.example", false}} {
		if got := c.email.Allows(c.address); got != c.want {
			t.Errorf("%v allows %s: %v", c.email.Allow, c.address, got)
		}
	}
}
