package rest

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

func TestUnreachable(t *testing.T) {
	busy := errors.New("busy")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"no host", &net.DNSError{Name: "acme.invalid", IsNotFound: true}, "here: there is no host acme.invalid; check the spelling of url, and this machine's DNS"},
		{"no DNS", &net.DNSError{Name: "acme.example"}, "here: the name acme.example could not be looked up; check this machine's DNS and network"},
		{"refused", &net.OpError{Op: "dial", Err: errors.New("connection\nrefused")}, "here: cannot be reached (connection refused); check url, the network and the firewall"},
		{"too large", ErrTooLarge, "here: an answer was too large to be read; try again later; if it stays, look at proxies in between"},
		{"too large", &lengthError{most: 9}, "here: an answer was too large to be read; try again later; if it stays, look at proxies in between"},
		{"too many bytes of rows", &lengthError{most: 9, rows: true}, "here: an answer was too large to be read; configure fewer long text fields"},
		{"too slow", context.DeadlineExceeded, "here: no complete answer in time; try again later; if it stays, ask Acme or look at the network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Unreachable(t.Context(), "here", "Acme", busy, c.err)
			if err.Error() != c.want || !errors.Is(err, busy) {
				t.Errorf("got %q, want %q", err, c.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Unreachable(ctx, "here", "Acme", busy, errors.New("x")); errors.Is(err, busy) || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v, want it to say so and not to be tried again", err)
	}
}

func TestClean(t *testing.T) {
	got := Clean("token s3cr3t-value \x1b[31mred\u202e\r\n\tend"+strings.Repeat("x", 300), "s3cr3t-value")
	if strings.Contains(got, "s3cr3t") || strings.ContainsAny(got, "\x1b\r\n\t\u202e") || len([]rune(got)) > 241 {
		t.Errorf("got %q", got)
	}
}

// TestCleanFindsHiddenSecrets: what cannot be seen may stand within one.
func TestCleanFindsHiddenSecrets(t *testing.T) {
	if got := Clean("s3\u200bcr3t and other-\u202evalue", "s3cr3t", "", "other-value"); got != "*** and ***" {
		t.Errorf("got %q", got)
	}
}

// TestCleanFindsSecretsOfAnyKind: a host is lower-cased on its way into an error, and a
// password may be any bytes.
func TestCleanFindsSecretsOfAnyKind(t *testing.T) {
	if got := Clean("at S3CR3T.example and \xffbyte s.cret", "s3cr3t", "\xffbyte", "s.cr"); got != "at ***.example and *** ***et" {
		t.Errorf("got %q", got)
	}
}
