package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// pauses say how the owners of deals pause them, in each source where a reader has deals.
type pauses struct {
	sources *sources
	of      []SourceStatus
}

// pauses are those of the sources of the deals that the reader may want to pause, of all
// that are shown where there is none.
func (b *brief) pauses() *pauses {
	ds := slices.Concat(b.book.needs, b.book.old)
	w := &pauses{b.sources, b.sources.shown}
	if len(ds) > 0 {
		w.of = slices.DeleteFunc(slices.Clone(w.of), func(x SourceStatus) bool {
			return !slices.ContainsFunc(ds, func(d *deal) bool { return d.source == x.Name })
		})
	}
	return w
}

// lacking are the labels of the sources whose owners cannot pause a deal by themselves.
func (w *pauses) lacking() (labels []string) {
	for _, x := range w.of {
		if x.Park.How == "" {
			labels = append(labels, w.sources.label(x))
		}
	}
	return labels
}

// words say what to do in the CRM, "" where nothing can be done there. Where the sources have
// different ways, or one has none, each is named.
func (w *pauses) words(say func(hygiene.OwnersWay) string) string {
	var said, apart []string
	for _, x := range w.of {
		s := say(x.Park)
		if s == "" {
			continue
		}
		if !slices.Contains(said, s) {
			said = append(said, s)
		}
		apart = append(apart, "in "+w.sources.label(x)+", "+s)
	}
	if len(said) == 1 && len(apart) == len(w.of) {
		return said[0]
	}
	return strings.Join(apart, "; ")
}

// briefly says what to do in a clause.
func briefly(k hygiene.OwnersWay) string {
	switch k.How {
	case hygiene.ByField:
		return "set " + fieldName(k.Name)
	case hygiene.ByTask:
		return "add a task “" + subjectOf(k.Name) + ": why”, due on the day"
	}
	return ""
}

// inFull says what to do, with the reason.
func inFull(k hygiene.OwnersWay) string {
	switch s := briefly(k); {
	case k.How == hygiene.ByField && k.Reason != "":
		return s + ", and why in " + fieldName(k.Reason)
	case k.How == hygiene.ByTask:
		return strings.Replace(s, "a task", "an open task", 1)
	default:
		return s
	}
}

// fieldName names a field as its label does where nobody gave it another one:
// "On_Hold_Until__c" was made of "On Hold Until".
func fieldName(field string) string {
	name := strings.TrimSuffix(field, "__c")
	if _, after, ok := strings.Cut(name, "__"); ok {
		name = after // of a package
	}
	return plain.Clip(words.UpperFirst(hygiene.Words(cmp.Or(name, hygiene.HoldUntil))), 60)
}

func subjectOf(begins string) string { return plain.Clip(strings.TrimRight(begins, " :"), 60) }

// pauseInFull says in a first digest how a deal is paused, "" where nobody can.
func (b *brief) pauseInFull() string {
	const when = "Waiting for a good reason? "
	w, ask := b.pauses(), plain.Clip(b.in.Help, 100)
	do := w.words(inFull)
	switch {
	case do == "" && ask == "":
		return ""
	case do == "":
		return when + "It can be paused until a day: ask " + words.Sentence(ask)
	}
	s := when + words.UpperFirst(do) + ". The deal is then quiet until that day, for at most " + words.Count(w.of[0].Park.Once, "day", "days") + " at a time."
	if in := w.lacking(); len(in) > 0 && ask != "" {
		s += " In " + words.List(in) + " ask " + words.Sentence(ask)
	}
	return s
}

// pauseWords say it again in a clause, "" where nothing can be done in the CRM and in the first
// digest, which says it in full.
//
// An owner reads it each day: a deal may begin to wait on any, and the clause stands beside the
// other ways off the list. A manager reads it on the days on which the digest asks for a
// decision: then waiting is one of the answers, and on others it would be read past.
func (b *brief) pauseWords() string {
	if b.welcomed() || !b.own && !slices.ContainsFunc(b.list.items, func(it item) bool { return it.reason == attention.Decide }) {
		return ""
	}
	if do := b.pauses().words(briefly); do != "" {
		return "Paused? " + words.UpperFirst(do) + "."
	}
	return ""
}

// askWords say where to ask, also about a pause where owners cannot make one by themselves.
func (b *brief) askWords() string {
	ask := plain.Clip(b.in.Help, 100)
	switch {
	case ask == "":
		return ""
	case len(b.pauses().lacking()) > 0 && len(b.book.needs)+len(b.book.old) > 0 && !b.welcomed():
		return "Wrong or paused? Ask " + words.Sentence(ask)
	}
	return "Wrong? Ask " + words.Sentence(ask)
}
