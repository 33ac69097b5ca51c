package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/hygiene"
)

const nextStepVagueID = "next-step-vague"

func nextStepVague() hygiene.Rule {
	return hygiene.Rule{
		ID:       nextStepVagueID,
		Title:    "Next step says nothing",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"next_step"},
		Params: []hygiene.Param{
			{Name: "letters", Default: 12, Min: 2, Max: 200, Doc: "a next step with fewer letters and no number says nothing"},
		},
		Doc: hygiene.Doc{
			Why: "\"Follow up\" is no next step: nobody else could do it, and nobody can tell whether it was done.",
			Fix: "Say what, with whom, by when.",
			Limit: []string{
				"It finds what is shorter than letters, and the fillers that are the whole text: follow up, tbd, n/a, next step, waiting, call, email, nachfassen, rückruf, relance, seguimiento and the like.",
				"A short text with a number in it is precise enough (\"MSA 3/12\"). Scripts whose words are written with few characters (Chinese, Japanese, Korean) are judged by the fillers alone.",
				"An empty next step is next-step-missing's; this one is silent.",
			},
		},
		Check: checkNextStepVague,
	}
}

// fillers are texts that say nothing where they are all there is, in lower case and without
// signs.
var fillers = []string{
	"follow up", "followup", "follow up email", "follow up call", "follow up with client", "follow up with customer", "following up", "call", "call back", "callback", "call client", "call customer",
	"email", "mail", "send email", "meeting", "tbd", "tbc", "tba", "na", "none", "next step", "next steps", "waiting", "wait", "waiting for reply", "waiting for response", "wait for response",
	"pending", "in progress", "ongoing", "check in", "touch base", "to do", "todo", "test", "see notes", "as discussed", "keep in touch", "reach out", "ping",
	"nachfassen", "rückruf", "anrufen", "wiedervorlage", "offen", "warten", "nachhaken", "relance", "relancer", "à suivre", "en attente", "rappeler", "seguimiento", "pendiente", "llamar", "in attesa", "richiamare",
	"跟进", "待定", "フォロー", "未定", "확인",
}

func checkNextStepVague(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	text := d.Opportunity.NextStep
	if !has(text) {
		return exempt(hygiene.Say("no-next-step"))
	}
	limit, from := days(p, nextStepVagueID, "letters")
	v := hygiene.Verdict{
		Value: hygiene.Say("quoted", hygiene.Text(firstLetters(text))), Threshold: hygiene.Say("letters", hygiene.Number(limit)), ThresholdFrom: from,
		Reason: hygiene.Say("next-step-says-enough"), Done: hygiene.Say("has-new-next-step"),
	}
	bare, digits, letters, dense := plainWords(text)
	if !slices.Contains(fillers, bare) && (digits || dense || letters >= limit) {
		return v
	}
	v.Outcome, v.Done, v.Reason = hygiene.Fail, "", hygiene.Say("next-step-vague", hygiene.Text(firstLetters(text)))
	return v
}

// plainWords is a text in lower case with single blanks for all that is neither letter nor
// digit, whether it has digits, how many letters it has, and whether it is in a script
// that says much with few characters.
func plainWords(text string) (bare string, digits bool, letters int, dense bool) {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.IsDigit(r):
			digits = true
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			dense = true
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			r = ' '
		}
		if unicode.IsLetter(r) {
			letters++
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " "), digits, letters, dense
}

// firstLetters is the beginning of a text, as far as a digest quotes it.
func firstLetters(text string) string {
	const most = 40
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
