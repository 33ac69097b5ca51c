package sim

import "strings"

// MailStep is the step of an SMTP dialogue at which something goes wrong.
type MailStep string

// The steps.
const (
	AtGreeting MailStep = "greeting"
	AtAuth     MailStep = "auth"
	AtMail     MailStep = "mail"
	AtRcpt     MailStep = "rcpt"
	AtData     MailStep = "data" // at the reply to the final dot, unless cut
)

// MailKind is what goes wrong.
type MailKind string

// The kinds.
const (
	MailReply MailKind = ""     // Code, Enhanced and Text are the reply
	MailLost  MailKind = "lost" // the connection closes instead of the reply; at AtData the message is accepted
	MailHang  MailKind = "hang" // the reply never comes; at AtData the message is accepted
	MailDrop  MailKind = "drop" // AtData: accepted and said so, then gone at the RSET that follows
	MailCut   MailKind = "cut"  // AtData: the connection closes within the message, which is not accepted
)

// MailFault is one scripted misbehaviour of the mail server.
type MailFault struct {
	Step  MailStep
	For   string // AtRcpt, AtData: part of the recipient's address; AtMail: of the sender's; "" is any
	Times int    // 0 is once, negative is always
	Kind  MailKind

	Code     int
	Enhanced [3]int
	Text     string
}

// MailFaults are the misbehaviours that a sender must tell apart, by name.
func MailFaults() map[string]MailFault {
	reply := func(at MailStep, code, a, b, c int, text string) MailFault {
		return MailFault{Step: at, Code: code, Enhanced: [3]int{a, b, c}, Text: text}
	}
	return map[string]MailFault{
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
		"data-cut":     {Step: AtData, Kind: MailCut},
		"data-lost":    {Step: AtData, Kind: MailLost},
		"data-hang":    {Step: AtData, Kind: MailHang},
		"reset-drop":   {Step: AtData, Kind: MailDrop},
	}
}

// Fault adds a scripted misbehaviour; those added first are looked at first.
func (m *Mail) Fault(f MailFault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	m.script = append(m.script, &f)
}

// ClearFaults ends all misbehaviour.
func (m *Mail) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.script = nil
}

func (m *Mail) due(at MailStep, address string) *MailFault {
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
