package digest

// The words about a deal: its status, and what is new about its findings.
const (
	newWord     = "New."
	backAgain   = "Back again."
	movedAgain  = "Date moved again."
	newlyWord   = "Newly checked."
	fromWord    = "From "    // and who had the deal
	wokeWord    = "Woke up " // and when, for how long it was parked, and why
	startWord   = "From before the start."
	dayWord     = "Day " // and the number
	alsoWord    = "Also with your manager."
	highWord    = "high since "                    // and when
	doubledWord = "twice the limit or more since " // and when
	pushedWord  = "moved once more since "         // and when
	movedWord   = "in the commit since "           // and when
	grownWord   = "the amount was "                // and what it was
)

// The words for what could not be read of a deal: nobody knows whether it is empty.
const (
	amountUnread   = "amount not readable"
	forecastUnread = "forecast not readable"
	closeUnread    = "close date not readable"
	ownerUnread    = "owner not readable"
)

// wordsOfADeal documents the words about a deal, as docs/digests.md prints them. variable
// is what follows a word that goes on.
var wordsOfADeal = []struct{ word, variable, doc string }{
	{newWord, "", "The deal needs an update since the last digest."},
	{backAgain, "", "A finding of the deal was fixed, and is there again."},
	{movedAgain, "", "The close date was moved, and has passed again."},
	{newlyWord, "", "The deal did not change: a rule, a limit or a field that the rules read did, so the finding is nobody's doing. Or its rule is folded, and the deal went into the commit, where nothing is."},
	{fromWord, "TEAM.", "The deal was another team's, or another owner's, with its findings; it is new to the reader, or to its owner, and not to the company."},
	{wokeWord, "today: parked 30 days for “budget in January”.", "The deal was parked until now. What it needs an update for goes on with its dates, and is neither new nor back."},
	{startWord, "", "The findings were there when Pipetidy began; today the deal is among those that need an update, or has a number of those kept for such deals."},
	{dayWord, "7.", "For the seventh business day in a row digests have told the reader of the deal. A rep's list does not count days."},
	{highWord, "today", "The finding was less than high in the digest before. The word stays, with the day, until the deal has had a number; so do the next four."},
	{pushedWord, "today", "Its close date was moved again and again, and once more: the advice asks for a decision now."},
	{doubledWord, "today", "The worst value reached twice its limit; where that made it high, only high is said."},
	{movedWord, "Thu", "Somebody moved the deal into the commit; no setting did."},
	{grownWord, "$20k", "The amount grew by a fifth or more, from this one, at once or little by little."},
}

// wordsUnread documents these words, as docs/digests.md prints them.
var wordsUnread = []struct{ word, doc string }{
	{amountUnread, "The CRM holds an amount of a form that is no number, or the login cannot read it. The amount is in no sum, ranks as none does, and is not said to be missing. The commit line counts such deals apart."},
	{forecastUnread, "Whether the deal is in the commit is not known. The commit line counts it apart."},
	{closeUnread, "When the deal closes is not known, nor whether it is in this quarter's commit. The commit line counts it apart."},
	{ownerUnread, "Nobody has been read as the owner yet. A finding that was there before stays with the owner who was read last."},
}
