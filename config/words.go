package config

import (
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/rank"
)

// The keys that take one of a few words. The words of a type are at once what
// its check accepts and what docs/config.md lists.

// mode says who gets the messages.
type mode string

const (
	redirect mode = "redirect"
	live     mode = "live"
)

// Values are the words.
func (mode) Values() []string { return []string{string(redirect), string(live)} }

// month is the name of a month.
type month string

// Values are the names of the months.
func (month) Values() (names []string) {
	for m := time.January; m <= time.December; m++ {
		names = append(names, strings.ToLower(m.String()))
	}
	return names
}

// doubt says what happens to a message of which nobody can say whether it arrived.
type doubt string

const (
	hold   doubt = "hold"
	resend doubt = "resend"
)

// Values are the words.
func (doubt) Values() []string { return []string{string(hold), string(resend)} }

// missingRate says what a digest does with an amount for which there is no rate.
type missingRate string

const listed missingRate = "list"

// Values are the words.
func (missingRate) Values() []string { return []string{string(listed)} }

// first says what weighs most in the order of a list.
type first string

// Values are the words.
func (first) Values() (words []string) {
	for _, f := range rank.Firsts() {
		words = append(words, string(f))
	}
	return words
}

// kind is the name of a kind of digest.
type kind string

// Values are the names of all kinds.
func (kind) Values() []string { return digest.KindNames() }

// Meaning says what each kind is.
func (kind) Meaning() string {
	var docs []string
	for _, k := range digest.Kinds() {
		docs = append(docs, k.Doc)
	}
	return strings.Join(docs, ", ") + "."
}

// channel is the name of a channel.
type channel string

// Values are the names of all channels.
func (channel) Values() []string { return channelNames() }

func channelNames() []string {
	var names []string
	for _, t := range all.Notifiers() {
		names = append(names, string(t.Channel))
	}
	return names
}

// crmType is the name of a type of source.
type crmType string

// Values are the names of all types.
func (crmType) Values() []string {
	var names []string
	for _, t := range all.Sources() {
		names = append(names, t.Name)
	}
	return names
}

// isOne reports whether a key holds one of the words that its type takes.
func isOne[T interface {
	~string
	form.Enumerated
}](word T) bool {
	return slices.Contains(word.Values(), string(word))
}
