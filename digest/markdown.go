package digest

import (
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Markdown prints docs/digests.md: what a digest gives a number, in which order, and what it
// thanks for.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString("# Digests\n\nPrinted from the program by `go generate ./...`; do not edit by hand.\n\n")
	fmt.Fprintf(&b, "A manager gets %d numbered lines a day, a rep %d (`attention: {managers: %d, reps: %d}`). "+
		"What has no number is counted, and listed below the fold. A rep's list says about how long it takes: a minute for each line, and half a minute for each thing to do.\n\n",
		ManagerNumbers, RepNumbers, ManagerNumbers, RepNumbers)
	b.WriteString("## What gets a number\n\nIn this order, and by rank within each:\n\n| reason | when |\n|---|---|\n")
	for _, r := range attention.Reasons() {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Reason, r.Doc)
	}
	b.WriteString("\n## Rank\n\nThe place of a deal is a sum of points. `attention: {first: money}` is the default: a doubling of the amount adds 25 points, " +
		"a near date up to 20, age up to 10. With `dates` these are 10, 80 and 10, with `age` 10, 20 and 80. Equal sums go by age.\n\n| part | points |\n|---|---|\n")
	for _, p := range rank.Parts() {
		fmt.Fprintf(&b, "| %s | %s |\n", p.Name, p.Doc)
	}
	fmt.Fprintf(&b, "\n## At once\n\n%d deals or more that were created within %d minutes, or %d or more where all of one day were created within an hour, and that came to the reader on one day, "+
		"are one line, an import; each counts. Where they lack several things the line has what most lack. What is in the commit, and what is high and closes within %d days, stands for itself. Owners who have left have a line each, more than %d of them one line.\n\n"+
		"Deals without a finding make the share of deals in order another one as well. Where %d deals more or fewer are counted than in the manager's last digest, or %d and a tenth of those before, the digest says so, and whose they are, as a sum; "+
		"and of %d deals or more that were created within %d minutes, when that was, and what the share is without them.\n", hygiene.ImportFrom, int(hygiene.AtOnce.Minutes()), leastADay, week, mostLeavers,
		grownFrom, grownLeast, hygiene.ImportFrom, int(hygiene.AtOnce.Minutes()))
	fmt.Fprintf(&b, "\n## What changed the commit\n\nWhere the total of the commit is made of other deals or amounts than in the reader's last digest, a line says so, as a sum from that total to today's, and names the %d deals that changed it most. "+
		"A deal of the commit that closes later than the digest before said is named, whether or not it is on a list. There is no such line in a first digest, in another quarter, and where the deals of the commit are more than %d.\n\n| words | meaning |\n|---|---|\n", namedSteps, hygiene.MostCommitments)
	for _, w := range waysSaid {
		fmt.Fprintf(&b, "| %s | %s |\n", w.said, w.doc)
	}
	b.WriteString("\n## Amounts\n\nAn amount is written in one way wherever it stands and on each day, by its size alone: to tenths of thousands below ten millions, where one digit after the point says it in millions, then to hundredths of millions. " +
		"What a reader can add up adds up as it is printed: a part of the commit, and the money of a line for several deals, are the sums of the amounts that stand beside the deals, and the parts of the commit make its total. " +
		"Amounts in several currencies are added up in that of `currency.report`, at one present rate each: of `currency.rates`, else of a Salesforce org with several currencies. Dated rates of Salesforce and the rates of HubSpot are not read. An amount without a rate stands beside the sum, and is neither larger nor smaller than another.\n")
	fmt.Fprintf(&b, "\n## Thanks, and what changed in our sight\n\nWhat somebody fixed since the last digest is counted by person, from whichever count it was, "+
		"and up to %d deals are named with what was done: the commit deals whose doubt went, then the largest. A deal that is not in order yet is better "+
		"when something of it was fixed and nothing as bad went wrong since; what is still missing, or is now, stands with it. A new close date is not thanked. "+
		"What was won is told as won. What was lost, got a new close date, moved to others or is gone from view is named too, up to %d of each: "+
		"with the former and the new date, and with who has it now. A deal that goes to another team as its finding ends is moved and not fixed, whoever did what ended it; \"reassigned to\" says that it was of somebody who has left, and the reader who gets it, where it has findings, reads from which team and of whom. A deal that was gone and is back within %d days goes on as if it had never been away.\n\nWhat could not be checked is compared with the last digest: not checked since then, checked again, or as before. "+
		"What ends or begins because of a changed rule, stage definition, calendar or field is no longer or newly checked, and what has another severity by it is judged otherwise; a line names the change, and what of the commit is in doubt by that alone, or no longer. "+
		"A deal that is in the commit, or has another amount, because other categories count as commit, a category was renamed (no open deal has the former one any more, and none had the present one before), or another field has the amount is no event: "+
		"a line says once how many there are, and why. Where a rule is folded since the last digest, or no longer folded, the share of deals in order says which it does not count any more, or counts now.\n",
		namedFixed, namedClosed, hygiene.ReturnsWithin/(24*time.Hour))
	b.WriteString("\n## Days off, and who is away\n\nNobody gets a digest on a holiday of their own, nor in a freeze of the company; `pipetidy status` says which days these are before the next digest. " +
		"The first digest after a freeze numbers what is high and what is due in the commit; the others are counted as on any day, and have their turn from the next one. " +
		"Limits count business days of the owner: no holiday, no freeze, no leave. A rep who is away gets no list; \"Ana (away, Ben covers)\" stands on the rep's deals in the manager's digest, and until when in the rep's row. " +
		"In the list of who covers, what is high or due in the commit stands under the name of who is away; it is in none of the numbers of that list. " +
		"A manager's digest goes to the deputy while the manager is away, else to who covers, else to those who run the program, and says for whom it is. " +
		"The deputy's numbers go on from the last digest that either got, and the manager's, afterwards, from the manager's. " +
		"Advice on a deal whose owner is away names whom to ask (\"Ask Ben: …\"), unless the reader covers. Whoever has left the company neither covers nor stands in.\n")
	b.WriteString("\n## What goes on to somebody above\n\nWith `escalate` in the file, a deal that the manager has had on the list for so many business days goes on to whoever is " +
		"above the manager: the manager of the team above (`teams[].parent`), else whom the CRM names, or an address. The days are counted from the digest that first said so to the manager, at that severity. " +
		"They are business days of the team. The manager reads of it a business day ahead (\"Otto hears tomorrow of Globex $90k unless it is settled by then\"), or more where Otto has days off, and what was not said ahead does not go on; what was said goes on also while the manager is away. " +
		"Whoever is above reads of the deal once, and again when it is settled; in between there is no message. While the manager of the team above is away, the deputy of that team reads in that place. What is parked, folded, or not yet told to the manager does not go on.\n")
	b.WriteString("\n## The first digest\n\nEverybody's first digest says what it is, who else reads of the deals, and how to disagree: only what is so with the digests of the file. " +
		"A rep reads that the manager's digest has the deals too, or, where what begins is the rep's alone at first, what ◦ means; a manager, whether the reps have lists of their own; whoever is above a manager, that the manager read of each deal before; and those who run the program, that the digest about it is theirs. " +
		"How a deal is paused is said in full, by what parks one here: the mapped field of the CRM, else an open task, in each CRM in which the reader has deals; where owners cannot, whom to ask (`ops.help`). " +
		"Later a rep's list says it in a clause, and a manager's digest on the days on which it asks for a decision.\n")
	b.WriteString("\n## Rep first\n\nOff unless `rep_first` is set. Then a finding of low or medium severity that began since the start is in the list of the deal's owner alone at first, marked ◦, and the list says until when: " +
		"the manager's first digest after so many business hours of the owner, those on leave as well, because nothing waits for a return. Until then it is in no line and in no number that others read. They count from the arrival of the list; where a finding began since, the list of the next business day is waited for. " +
		"Nothing waits where there is no list: its owner is in no team or away, it failed, or has no arrival that is known; nor for the manager's own deals. What is in the commit of the quarter is with the manager at once, and the list says so. " +
		"What becomes high is everybody's, and what was told once stays told. What its owner fixes before the manager's digest has it is thanked for, apart, because it was in no number: \"FIXED before it was listed, 2: Ana 2.\" " +
		"What a park keeps back is counted as paused, as ever. " +
		"The first days of a change are like that without `rep_first`: `events` names a day from which deals of a team have other owners, and what begins in its `grace`, so many business days of the team, is in the owner's list alone until they are over; " +
		"what begins while a rep is new, in the first 90 days from `people.list[].start`, is so for `people.grace` business days of the rep, those on leave and the day on which it begins included. What is high is no exception then, and what is in the commit of the quarter is; the others are the same as above. What comes to the manager then, or after a list of a week before, is new in that digest, which says since when it was its owner's alone. Those who run the program see everything: `pipetidy check`, `pipetidy explain` and `pipetidy export findings` say of such a finding that it is its owner's alone.\n")
	b.WriteString("\n## Why this place\n\n`pipetidy digest preview NAME --why` says of each number, and of the first lines without one, which reason and which points it has; " +
		"`pipetidy explain DEAL` says it of one deal in the digest of its team's manager.\n")
	b.WriteString("\n## The advice for a deal\n\nA deal with a number has one piece of advice, the one that settles most. A decision that is due goes before all other advice, and beside it where a deal only lacks an entry; then it is the first of these that there is, " +
		"else the advice of the worst finding, and of equal ones that of the rule which settles most.\n\n| when | what it asks for |\n|---|---|\n")
	for _, c := range counsels {
		fmt.Fprintf(&b, "| %s | %s |\n", words.UpperFirst(c.when)+".", c.doc)
	}
	b.WriteString("\n## The words for a deal\n\n| words | meaning |\n|---|---|\n")
	for _, w := range wordsOfADeal {
		fmt.Fprintf(&b, "| %s | %s |\n", w.word+w.variable, w.doc)
	}
	b.WriteString("\n## The words for what could not be read\n\nWhat is not readable is neither empty nor known: no finding begins or ends because of it, and `pipetidy status` names the deals.\n\n| words | meaning |\n|---|---|\n")
	for _, w := range wordsUnread {
		fmt.Fprintf(&b, "| %s | %s |\n", w.word, w.doc)
	}
	b.WriteString("\n## How the numbers add up\n\nThe number of deals that need an update continues the one that the reader saw in the digest before, whatever happened in between: " +
		"that number, and what came, less what left, is today's. The same holds for the deals from before the start. Each deal is in one count, and moves by one of these:\n\n" +
		"| came | because |\n|---|---|\n")
	for _, s := range cameSaid(false, joinedToday) {
		fmt.Fprintf(&b, "| %s | %s |\n", s.words, moveDocs[s.move])
	}
	b.WriteString("\n| left | because |\n|---|---|\n")
	for _, s := range leftSaid(false, partedToday) {
		fmt.Fprintf(&b, "| %s | %s |\n", s.words, moveDocs[s.move])
	}
	b.WriteString("\nA deal that began and ended between two digests is in neither.\n")
	return []byte(b.String())
}
