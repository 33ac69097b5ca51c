package email

import (
	"fmt"
	"net"
)

// maxHeard is how many bytes a server may say in one conversation, TLS handshakes
// included: a dozen answers of a line or two, and some kilobytes of certificates. The
// SMTP client collects an answer until its line ends, and lines until an answer ends, so
// without a bound a server that never ends either fills the memory within the time limit
// of one step.
const maxHeard = 256 << 10

// errEndless is in the error of a conversation in which the server said too much.
var errEndless = fmt.Errorf("the server said more than %d KiB and did not come to an end; check that notify.email.host and port are those of a mail server", maxHeard>>10)

// bounded is a connection of which at most left bytes are read. Then it is closed and
// over: bufio takes what it has of a line for the whole line when an error follows, so the
// error itself may not reach the caller.
type bounded struct {
	net.Conn
	left int
	over bool
}

// Read reads what is within the bound.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.over = true
		b.Close()
		return 0, errEndless
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
