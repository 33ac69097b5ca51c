package machine

// Subject is the subject of an activity that a tool writes by itself.
type Subject struct {
	Pattern, Tool string
	From          string // where it is known from
}

// Subjects are the subjects that count unless others are configured. They say that a mail was opened or clicked, that the buyer's mail
// server answered, or that a meeting was called off. An email or call that a rep
// made through the same tool is a rep's touch, and none of these catches it.
//
// None of the four tools tells by the subject whether a step of a sequence was
// sent by the machine or by a person who looked at it first, so sequences are not
// in the list: a touch that is dropped makes a finding, one too many only delays
// it. Who lets machines send adds what the org's own steps are called, such as
// "[Apollo >>]*[Seq: Nurture*".
func Subjects() []Subject {
	return []Subject{
		{"[Outreach] [Email] [Opened]*", "Outreach", "opens and clicks are posted where that is switched on (spekit.com, Outreach terminology); the word Opened stands in public code"},
		{"[Outreach] [Email] [Clicked]*", "Outreach", "as Opened; the word is unverified"},
		{"[Outreach] [Email] [Bounced]*", "Outreach", "unverified"},
		{"[Outreach] [Email] [In] Automatic reply:*", "Outreach", "the prefix of received mail (docs.calibermind.com, event classifications) and Outlook's own of an absence note"},
		{"Reply: Automatic reply:*", "Salesloft", "the same; that the prefix is Salesloft's is unverified"},
		{"[Apollo] [Email] [<<] Automatic reply:*", "Apollo", "the same; the prefix stands in public code"},
		{"Email: << Automatic reply:*", "Apollo", "the same; an older prefix"},
		{"[Gong In] Automatic reply:*", "Gong", "the same; the prefix stands in public code"},
		{"Meeting Canceled:*", "Gong", "the title of a meeting that was called off says so (help.gong.io, Configure Salesforce tasks or events); that it stands at the beginning is unverified"},
		{"[Gong] Meeting Canceled*", "Gong", "the same"},
	}
}

// patterns are those of the subjects.
func patterns() []string {
	var list []string
	for _, s := range Subjects() {
		list = append(list, s.Pattern)
	}
	return list
}
