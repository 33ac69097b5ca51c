package machine

// Subject is the subject of an activity that a tool writes by itself.
type Subject struct {
	Pattern, Tool string
	From          string // how the pattern is known
}

// Subjects are the patterns that count unless the configuration lists others. The
// subjects say that a mail was opened or clicked, that the buyer's mail server
// answered, or that a meeting was called off. No pattern matches an email or a call
// that a rep made through the same tool.
//
// No subject of the four tools tells whether a person looked at a step of a sequence
// before the tool sent the step, so no pattern matches a step: a touch that is dropped
// makes a wrong finding, while a touch too many only delays a finding. An operator
// whose tools send by themselves adds the names of the org's own steps, such as
// "[Apollo >>]*[Seq: Nurture*".
func Subjects() []Subject {
	return []Subject{
		{"[Outreach] [Email] [Opened]*", "Outreach", "opens and clicks are posted where posting is switched on (spekit.com, Outreach terminology); the word Opened stands in public code"},
		{"[Outreach] [Email] [Clicked]*", "Outreach", "as Opened; the word Clicked is unverified"},
		{"[Outreach] [Email] [Bounced]*", "Outreach", "unverified"},
		{"[Outreach] [Email] [In] Automatic reply:*", "Outreach", "the prefix of received mail (docs.calibermind.com, event classifications) and Outlook's own of an absence note"},
		{"Reply: Automatic reply:*", "Salesloft", "as for Outreach; that the prefix is Salesloft's is unverified"},
		{"[Apollo] [Email] [<<] Automatic reply:*", "Apollo", "as for Outreach; the prefix stands in public code"},
		{"Email: << Automatic reply:*", "Apollo", "as for Outreach; an older prefix"},
		{"[Gong In] Automatic reply:*", "Gong", "as for Outreach; the prefix stands in public code"},
		{"Meeting Canceled:*", "Gong", "the title of a meeting that was called off says so (help.gong.io, Configure Salesforce tasks or events); that it stands at the beginning is unverified"},
		{"[Gong] Meeting Canceled*", "Gong", "as without the prefix"},
	}
}

// patterns returns the patterns of Subjects.
func patterns() []string {
	var list []string
	for _, s := range Subjects() {
		list = append(list, s.Pattern)
	}
	return list
}
