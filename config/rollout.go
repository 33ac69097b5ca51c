package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/hygiene"
)

// mostBacklog bounds start.backlog_per_rep_week: a list of more findings a week
// spares nobody, and 0 lists all of them.
const mostBacklog = 100

// rollout reads who gets messages at first, and who runs the program. It is called
// after notify, which says where mail may go.
func (b *builder) rollout() {
	m := b.file.Mode
	redirects := m.Deliver == redirect
	if b.form.Has("mode.deliver") && !isOne(m.Deliver) {
		b.report("mode.deliver", "%s", form.OneOf(string(m.Deliver), m.Deliver.Values()...))
	}
	switch {
	case b.form.Has("mode.to"):
		if to := b.reachable("mode.to", m.To); redirects {
			b.out.Mode.Redirect = to
		}
	case redirects:
		b.report("mode", `"to" is missing; write the address that gets everything`)
	}
	s := b.file.Start
	if s.Backlog < 0 || s.Backlog > mostBacklog {
		b.report("start.backlog_per_rep_week", "must be a number from 0 to %d", mostBacklog)
	}
	b.out.Start = Start{ShadowDays: int(s.Shadow), BacklogPerWeek: s.Backlog}
	b.attention()
	b.repFirst()
	b.events()
	b.park()
	for i, a := range b.file.Ops.Notify {
		path := "ops.notify[" + strconv.Itoa(i) + "]"
		address := b.reachable(path, a)
		if address == "" {
			continue
		}
		if slices.Contains(b.out.Ops.Notify, address) {
			b.report(path, "%s is in this list twice", address)
		}
		b.out.Ops.Notify = append(b.out.Ops.Notify, address)
	}
	b.out.Ops.Help = b.file.Ops.Help
}

// mostNumbers bounds a list: nobody looks at more on one day.
const mostNumbers = 20

// attention reads how much of a list a reader is asked to look at.
func (b *builder) attention() {
	a := b.file.Attention
	for _, n := range []struct {
		key string
		is  int
	}{{"attention.managers", a.Managers}, {"attention.reps", a.Reps}} {
		if n.is < 1 || n.is > mostNumbers {
			b.report(n.key, "must be a number from 1 to %d", mostNumbers)
		}
	}
	if !isOne(a.First) {
		b.report("attention.first", "%s", form.OneOf(string(a.First), a.First.Values()...))
	}
	b.out.Attention = digest.Attention{Managers: a.Managers, Reps: a.Reps, First: rank.First(a.First)}
}

// mostSubject bounds the beginning of a subject in bytes.
const mostSubject = 60

// park reads for how long owners may park their deals.
func (b *builder) park() {
	p := b.file.Park
	subject := strings.TrimSpace(p.Subject)
	switch {
	case p.Once < 1:
		b.report("park.once", "must be at least 1d")
	case p.Most < p.Once:
		b.report("park.most", "must be at least as long as park.once, which is %dd", p.Once)
	}
	if len(subject) > mostSubject {
		b.report("park.task_subject", "must be at most %d bytes long: it is how a subject begins", mostSubject)
	}
	b.out.Parking = hygiene.Parking{Once: int(p.Once), Most: int(p.Most), Subject: subject}
}

// reachable checks an address that gets messages on behalf of others: if mail may
// not go there, nobody gets the messages.
func (b *builder) reachable(path, s string) string {
	address := b.address(path, s)
	if address != "" && !b.allowed(address) {
		b.report(path, "%s may not get mail; add its domain to notify.email.allow", address)
	}
	return address
}
