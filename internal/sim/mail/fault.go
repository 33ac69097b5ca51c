package mail

import "strings"

// Step is the step of an SMTP dialogue at which something goes wrong.
type Step string

// The steps.
const (
	AtGreeting Step = "greeting"
	AtAuth     Step = "auth"
	AtMail     Step = "mail"
	AtRcpt     Step = "rcpt"
	AtData     Step = "data" // at the reply to the final dot, unless cut
)

// Kind is what goes wrong.
type Kind string

// The kinds.
const (
	Reply Kind = ""     // Code, Enhanced and Text are the reply
	Lost  Kind = "lost" // the connection closes instead of the reply; at AtData the message is accepted
	Hang  Kind = "hang" // the reply never comes; at AtData the message is accepted
	Drop  Kind = "drop" // AtData: the message is accepted with a reply, and the connection closes at the RSET that follows
	Cut   Kind = "cut"  // AtData: the connection closes within the message, and the message is not accepted
)

// Fault is one scripted misbehaviour of the mail server.
type Fault struct {
	Step  Step
	For   string // AtRcpt, AtData: part of the recipient's address; AtMail: of the sender's; "" is any
	Times int    // 0 is once, negative is always
	Kind  Kind

	Code     int
	Enhanced [3]int
	Text     string
}

// Faults are the misbehaviours that a sender must distinguish, by name.
func Faults() map[string]Fault {
	reply := func(at Step, code, a, b, c int, text string) Fault {
		return Fault{Step: at, Code: code, Enhanced: [3]int{a, b, c}, Text: text}
	}
	return map[string]Fault{
		"greeting-421": reply(AtGreeting, 421, 4, 3, 2, "Service not available, try again later"),
		"auth-454":     reply(AtAuth, 454, 4, 7, 0, "Temporary authentication failure"),
		"auth-535":     reply(AtAuth, 535, 5, 7, 8, "Username and Password not accepted"),
		"mail-451":     reply(AtMail, 451, 4, 7, 1, "Greylisted, please try again in 300 seconds"),
		"mail-550":     reply(AtMail, 550, 5, 7, 30, "Basic authentication is not supported for Client Submission"),
		"rcpt-450":     reply(AtRcpt, 450, 4, 2, 1, "Mailbox busy"),
		"rcpt-452":     reply(AtRcpt, 452, 4, 2, 2, "Mailbox full"),
		"rcpt-550":     reply(AtRcpt, 550, 5, 1, 1, "User unknown"),
		"rcpt-554":     reply(AtRcpt, 554, 5, 7, 1, "Relay access denied"),
		"data-452":     reply(AtData, 452, 4, 3, 1, "Insufficient system storage"),
		"data-552":     reply(AtData, 552, 5, 3, 4, "Message size exceeds fixed limit"),
		"data-cut":     {Step: AtData, Kind: Cut},
		"data-lost":    {Step: AtData, Kind: Lost},
		"data-hang":    {Step: AtData, Kind: Hang},
		"reset-drop":   {Step: AtData, Kind: Drop},
	}
}

// Fault adds a scripted misbehaviour. Of several that match, the first added is met
// first.
func (m *Server) Fault(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	m.script = append(m.script, &f)
}

// ClearFaults ends all misbehaviour.
func (m *Server) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.script = nil
}

func (m *Server) due(at Step, address string) *Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.script {
		if f.Times == 0 || f.Step != at || !strings.Contains(address, f.For) {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return f
	}
	return nil
}
