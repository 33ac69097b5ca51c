package config

import (
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

func (b *builder) digests() {
	seen := map[string]bool{}
	teams := false // a digest is about the deals of a team
	for i, d := range b.file.Digests {
		path := "digests[" + strconv.Itoa(i) + "]"
		if d.Name != "" {
			switch {
			case !digestName(d.Name):
				b.report(path+".name", "%s cannot name a digest; use letters, digits, - and _", form.Quote(d.Name))
			case seen[d.Name]:
				b.report(path+".name", "two digests are called %s; names are unique", form.Quote(d.Name))
			}
			seen[d.Name] = true
		}
		if d.For != "" && !isOne(d.For) {
			kinds := d.For.Values()
			b.report(path+".for", "%s is not available in this version; available: %s%s",
				form.Quote(string(d.For)), form.List(kinds), form.Suggest(string(d.For), kinds))
		}
		if kind, _ := digest.KindOf(string(d.For)); kind.Program {
			if len(b.file.Ops.Notify) == 0 {
				b.report(path+".for", "there is nobody to send it to; name somebody under ops.notify")
			}
		} else {
			teams = teams || d.For != ""
		}
		if !b.form.Has(path + ".days") {
			d.Days = weekdays{1, 2, 3, 4, 5}
		}
		b.channel(path+".via", d.Via)
		b.channel(path+".else", d.Else)
		if d.Else != "" && d.Else == d.Via {
			b.report(path+".else", "is the same as via; name another channel, or remove it")
		}
		b.out.Digests = append(b.out.Digests, Digest{
			Name: d.Name, For: string(d.For), Schedule: digest.Schedule{At: d.At.At, Days: d.Days},
			Via: delivery.Channel(d.Via), Else: delivery.Channel(d.Else),
		})
	}
	if teams && len(b.file.Teams) == 0 {
		b.form.ReportKey("digests", "there is nobody to send digests to; define a team under teams")
	}
}

// channel checks that a channel exists and is set up.
func (b *builder) channel(path string, name channel) {
	switch {
	case name == "":
		if b.form.Has(path) {
			b.report(path, "must name a channel: %s", form.List(name.Values()))
		}
	case !isOne(name):
		b.report(path, "%s", form.OneOf(string(name), name.Values()...))
	case !b.form.Has("notify." + string(name)):
		b.report(path, "%s is not set up; add notify: %s: to the file", name, name)
	}
}

// digestName reports whether s can name a digest: the separator of a delivery's id
// cannot stand in it, and no command line takes it for a flag.
func digestName(s string) bool {
	return sourceName.MatchString(s) && !strings.HasPrefix(s, "-")
}
