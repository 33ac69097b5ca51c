package daemon_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// mailbox is a mail server behind pipes. One step can go wrong.
type mailbox struct {
	now      func() time.Time
	password string

	mu    sync.Mutex
	dials int
	steps map[string]int
	got   map[string]int // by Message-ID
	at    map[string]time.Time
	fault *slip
	gone  func()
}

// slip is what goes wrong at one step of a conversation.
type slip struct {
	step  string // connect, greeting, EHLO, AUTH, MAIL, RCPT, DATA, dot, QUIT
	nth   int
	until time.Duration
	from  time.Time
	reply string // instead of the usual one; "" is none
	how   string // refuse, drop, hang, endless, lost (taken, then the connection ends), late (taken, no answer), kill (taken), killed (not taken)
}

func (m *mailbox) hit(step string) *slip {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.steps[step]
	m.steps[step]++
	f := m.fault
	if f == nil || f.step != step || n < f.nth {
		return nil
	}
	if f.from.IsZero() {
		f.from = m.now()
	}
	if n > f.nth && m.now().Sub(f.from) >= f.until {
		return nil
	}
	return f
}

func (m *mailbox) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	m.mu.Lock()
	m.dials++
	m.mu.Unlock()
	switch f := m.hit("connect"); {
	case f == nil:
	case f.how == "hang":
		<-ctx.Done()
		return nil, ctx.Err()
	default:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	go m.serve(theirs)
	return ours, nil
}

var messageID = regexp.MustCompile(`(?mi)^Message-ID: <([^>]*)>`)

// serve is one conversation.
func (m *mailbox) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	// say answers as the step does, or as it goes wrong; false ends the conversation.
	say := func(step, reply string, take func()) bool {
		f := m.hit(step)
		if f == nil {
			take()
			_, err := fmt.Fprintf(c, "%s\r\n", reply)
			return err == nil
		}
		switch f.how {
		case "drop":
			return false
		case "lost":
			take()
			return false
		case "hang", "late":
			if f.how == "late" {
				take()
			}
			_, _ = in.ReadByte() // until the client gives up
			return false
		case "endless":
			// More than any answer may be long. Bytes take no time on this clock, so the
			// rest of an endless one is silence.
			for range 4 << 10 {
				if _, err := fmt.Fprint(c, strings.Repeat("x", 4096)); err != nil {
					return false
				}
			}
			_, _ = in.ReadByte()
			return false
		case "kill", "killed":
			if f.how == "kill" {
				take()
			}
			m.gone()
			return false
		}
		if strings.HasPrefix(f.reply, "2") {
			take()
		}
		_, err := fmt.Fprintf(c, "%s\r\n", strings.ReplaceAll(f.reply, "PASSWORD", m.password))
		return err == nil
	}
	none := func() {}
	if !say("greeting", "220 mx.acme.example ESMTP", none) {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "EHLO", "HELO":
			if !say("EHLO", "250-mx.acme.example\r\n250 AUTH PLAIN LOGIN", none) {
				return
			}
		case "AUTH":
			if !say("AUTH", "235 2.7.0 welcome", none) {
				return
			}
		case "MAIL", "RCPT":
			if !say(verb, "250 2.1.0 ok", none) {
				return
			}
		case "DATA":
			if !say("DATA", "354 go on", none) {
				return
			}
			if m.fault != nil && m.fault.step == "DATA" && m.fault.reply != "" && !strings.HasPrefix(m.fault.reply, "354") && m.steps["DATA"] == m.fault.nth+1 {
				continue // it was refused
			}
			var body strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				body.WriteString(l)
			}
			take := func() {
				m.mu.Lock()
				defer m.mu.Unlock()
				if id := messageID.FindStringSubmatch(body.String()); id != nil {
					m.got[id[1]]++
					m.at[id[1]] = m.now()
				}
			}
			if !say("dot", "250 2.0.0 taken", take) {
				return
			}
		case "QUIT":
			say("QUIT", "221 bye", none)
			return
		default:
			if _, err := fmt.Fprint(c, "250 ok\r\n"); err != nil {
				return
			}
		}
	}
}

func (m *mailbox) copies(id string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got[id]
}

// slips are what a mail server, or what stands in between, can do at one step.
func slips() []slip {
	var out []slip
	for _, how := range []string{"refuse", "hang"} {
		out = append(out, slip{step: "connect", how: how})
	}
	for _, step := range []string{"greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "dot", "QUIT"} {
		for _, how := range []string{"drop", "hang", "endless", "kill", "killed"} {
			out = append(out, slip{step: step, how: how})
		}
		for _, reply := range []string{
			"421 4.3.2 shutting down", "450 4.2.0 later", "451 4.7.1 greylisted", "452 4.2.2 mailbox full", "454 4.7.0 temporary", "500 what", "501 5.5.4 no",
			"502 5.5.1 no", "503 5.5.1 order", "521 5.3.2 no mail here", "530 5.7.0 sign in first", "534 5.7.9 another way", "535 5.7.8 PASSWORD is wrong",
			"550 5.1.1 no such user", "550 5.4.5 daily limit", "550 5.7.26 unauthenticated", "550 no", "552 5.3.4 too big", "553 5.1.3 no address", "554 5.7.1 spam",
			"555 5.5.4 what", "571 no", "250 PASSWORD", "299 yes", "354 go on", "199 hm", "hello", "", "999 x", "55", "550-more",
			base64.StdEncoding.EncodeToString([]byte("\x00pipetidy\x00" + fatesPassword)),
		} {
			out = append(out, slip{step: step, how: "reply", reply: reply})
		}
	}
	return append(out, slip{step: "dot", how: "lost"}, slip{step: "dot", how: "late"}, slip{step: "QUIT", how: "lost"})
}
