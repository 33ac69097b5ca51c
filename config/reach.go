package config

import (
	"strconv"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// reach checks that mail may go to the readers of every digest that goes by mail,
// at once or when the other channel fails: a reader whom mail may not reach would
// get nothing and not know about it. In redirect mode no reader gets messages, and
// rollout checks the address that does.
func (b *builder) reach() {
	if b.file.Mode.Deliver == redirect {
		return
	}
	var among digest.Audience // as the file writes the addresses; those of ops are checked by rollout
	for _, t := range b.file.Teams {
		among.Teams = append(among.Teams, hygiene.Team{Name: t.Name, Manager: t.Manager, Members: t.Members})
	}
	for _, d := range b.out.Digests {
		kind, ok := digest.KindOf(d.For)
		if !ok || d.Via != delivery.Email && d.Else != delivery.Email {
			continue
		}
		for _, r := range kind.Recipients(among) {
			b.mailed(r.Place, r.Email)
		}
		for i, t := range b.file.Teams {
			if !kind.Own && !kind.Program && t.Deputy != "" {
				b.mailed("teams["+strconv.Itoa(i)+"].deputy", t.Deputy)
			}
		}
	}
}

// mailed reports, at the key of the address s, a reader whom mail may not reach.
func (b *builder) mailed(path, s string) {
	plain, ok := plainAddress(s)
	if !ok || b.form.Wrong(path) {
		return // reported already, or missing
	}
	if address := b.out.People.Email(plain); !b.allowed(address) {
		b.report(path, "%s may not get mail, and a digest goes there by email; add its domain to notify.email.allow", address)
	}
}

// allowed reports whether mail may go to the address. It is true where the channel
// itself is wrong, which is reported at the channel.
func (b *builder) allowed(address string) bool {
	mail, ok := b.out.Notify.Channels[delivery.Email].(connectors.Allower)
	return !ok || b.form.Wrong("notify.email.from") || b.form.Wrong("notify.email") || mail.Allows(address)
}
