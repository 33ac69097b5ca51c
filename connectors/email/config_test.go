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

// TestHostOfTheMailServer: a mail server may be at a private address, never at one where a
// cloud keeps credentials: the login would go there.
func TestHostOfTheMailServer(t *testing.T) {
	for host, ok := range map[string]bool{
		"smtp.acme.example": true, "10.0.0.25": true, "localhost": true, "mail": true,
		"169.254.169.254": false, "[fd00:ec2::254]": false, "::ffff:169.254.169.254": false, "100.100.100.200": false, "168.63.129.16": false, "0.0.0.0": false,
		"metadata.google.internal": false, "Metadata.Google.Internal.": false, "instance-data": false,
	} {
		cfg := email.Defaults()
		cfg.Host, cfg.From = host, "Pipetidy <pipetidy@acme.example>"
		var said []string
		cfg.Validate(func(key, message string) { said = append(said, key+": "+message) })
		if (len(said) == 0) != ok {
			t.Errorf("%s: %v", host, said)
		}
	}
}
