package attention

// Documented is a reason and what it means, as docs/digests.md prints it.
type Documented struct {
	Reason Reason
	Doc    string
}

// Reasons documents the reasons, in the order in which numbers are given.
func Reasons() []Documented {
	return []Documented{
		{Due, "The deal is in the commit, and closes within seven days or should have closed. It has a number on every day, beyond the budget where need be; where there are more than ten, a line under them counts and names the others, which are the first below the fold. What could not be judged today is named above the list, as it was last judged."},
		{Left, "The owner of these deals has left: one line for each owner, and one for all where more than three have left. It has a number on every day."},
		{Turn, "The deal is high and had no number for five business days, or would not get one in time. So many of these come first that everything high is numbered within five business days; where that cannot be, the digest says how many wait, and their money."},
		{New, "The deal needs an update since the last digest. Where it is high and in the commit, this and what follows down to \"into the commit\" gives it a number beyond the budget, as if it were due."},
		{Returned, "Its finding was fixed, and is there again."},
		{Arrived, "Another team or owner had the deal."},
		{High, "It was less than high before, and had no number since. An event keeps its place among the news until the deal has had a number."},
		{Pushed, "Its close date was moved again and again, and once more: its list asks for a decision, and so whoever else reads of the deal hears of that with the next digest."},
		{Doubled, "Its worst value passed twice its limit."},
		{Grown, "Its amount grew by a fifth or more, at once or little by little."},
		{Moved, "It was moved into the commit."},
		{Carried, "It was for one of the days before, and found no room. A deal that is high or in the commit, and had no number yet, stands with the news."},
		{Repeat, "It is still so: a deal is shown again on the days 3, 7 and 14 after its first number where others as severe wait, by rank among these. It rests behind none that is less severe: no medium deal outside the commit has a number while a high one waits, unless that one is from before the start and these have their share."},
		{Decide, "It was shown four times, and has been told for two weeks: from then on once a week, as a decision."},
		{Start, "All its findings were there when Pipetidy began. Where there is news, at most two of a manager's numbers and one of a rep's are for these, at most half of them, and none that would push off what is of today, more severe and stands before it; on other days they have what is free by rank."},
		{Next, "A number was free: none is, while a finding of medium or above waits. By rank, whether of today or from before the start; of today's, what had no number the day before comes first, and of those from before the start what has rested, among what is as severe."},
	}
}
