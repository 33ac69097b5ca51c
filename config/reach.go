package config

import (
	"strconv"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/digest"
)

// reach checks that mail may go to the readers of every digest that goes by mail,
// at once or when the other channel fails: a reader who is left out would hear
// nothing and not know it. In redirect mode no reader gets anything yet, and the
// address that does is checked on its own.
func (b *builder) reach() {
	if b.file.Mode.Deliver == "redirect" {
		return
	}
	managers, members := false, false
	for _, d := range b.out.Digests {
		if d.Via != digest.Email && d.Else != digest.Email {
			continue
		}
		managers = managers || d.For == "managers"
		members = members || d.For == "reps"
	}
	for i, t := range b.file.Teams {
		path := "teams[" + strconv.Itoa(i) + "]"
		if managers {
			b.mailed(path+".manager", t.Manager)
		}
		if members {
			for j, m := range t.Members {
				b.mailed(path+".members["+strconv.Itoa(j)+"]", m)
			}
		}
	}
}

// mailed reports a reader whom mail may not reach, at the address that it would
// go to.
func (b *builder) mailed(path, s string) {
	plain, ok := plainAddress(s)
	if !ok || b.wrong[path] {
		return // reported already, or missing
	}
	if address := b.out.People.Email(plain); !b.allowed(address) {
		b.report(path, "%s may not get mail, and a digest goes there by email; add its domain to notify.email.allow", address)
	}
}

// allowed reports whether mail may go to the address, as far as the file can
// tell: what is wrong with the channel itself is reported there.
func (b *builder) allowed(address string) bool {
	mail, ok := b.out.Notify.Channels[digest.Email].(connectors.Allower)
	return !ok || b.wrong["notify.email.from"] || b.wrong["notify.email"] || mail.Allows(address)
}
