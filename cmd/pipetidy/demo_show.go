package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// digestsOfDemo are sent in this order: the reps read their lists first.
var digestsOfDemo = []string{demoRepDigest, demoDigest}

// mornings is how many business mornings the demo plays.
const mornings = 10

// show plays the mornings of the demo through the control API, as commands do.
type show struct {
	app     *app
	client  *client
	company *sim.Company
	servers *sim.Servers
	out     string // directory of the files
	short   bool   // a line for each step: the first morning has shown the rest
}

// say prints a line at once.
func (s *show) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.app.out, format+"\n", args...) // output remembers its error
	flush(s.app.out)
}

func (s *show) play(ctx context.Context) error {
	s.say("Acme is an invented company. Its Salesforce, HubSpot, Slack and mail server run on this\nmachine; nothing leaves it, and it needs no account.")
	var last []api.Preview
	var dir string
	for i := range mornings {
		s.short = i > 0
		if s.short {
			s.company.Advance(nextMorning(s.company.Now().In(s.client.zone)))
		}
		var err error
		if last, dir, err = s.day(ctx); err != nil {
			return err
		}
		if s.short {
			continue
		}
		if at := slices.IndexFunc(last, func(p api.Preview) bool { return p.Digest == demoRepDigest && p.Recipient == demoRep }); at >= 0 {
			s.print(demoRepDigest+", the first that "+demoRep+" reads:", &last[at])
		}
	}
	var files []string
	for _, d := range []struct{ name, reader string }{{demoDigest, demoReader}, {demoRepDigest, demoRep}} {
		at := slices.IndexFunc(last, func(p api.Preview) bool { return p.Digest == d.name && p.Recipient == d.reader })
		if at < 0 {
			return fmt.Errorf("demo: there is no %s for %s", d.name, d.reader)
		}
		s.print(d.name+", as "+d.reader+" reads it:", &last[at])
		files = append(files, filepath.Join(dir, fileOf(&last[at])+".html"))
	}
	s.say("\n%s\nThe digests of all %d mornings, as texts and as emails, are in %s; these two:", strings.Repeat("─", 72), mornings, s.out)
	for _, f := range files {
		s.say("  %s", f)
	}
	s.say("(Yours have links to the deals; these have none, because the invented CRMs have no pages.)")
	return nil
}

// nextMorning is the same time on the next weekday.
func nextMorning(t time.Time) time.Time {
	t = t.AddDate(0, 0, 1)
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// day syncs, evaluates and delivers once. It returns the digests and the folder that has
// them: previews made before the digests are sent, because a digest tells what is new since
// the last one that was sent.
func (s *show) day(ctx context.Context) (all []api.Preview, dir string, err error) {
	s.say("\n%s", s.company.Now().In(s.client.zone).Format("Monday 2 January 2006, 15:04 MST"))
	if err := s.sync(ctx); err != nil {
		return nil, "", err
	}
	found, err := s.client.Check(ctx, api.CheckRequest{})
	if err == nil {
		err = noVerdict(found.Sources)
	}
	if err != nil {
		return nil, "", err
	}
	by := map[string]int{}
	for i := range found.Findings {
		by[found.Findings[i].Severity]++
	}
	s.say("  evaluated: %s on %s%s", counted(len(found.Findings), "finding"), counted(len(byDeal(found.Findings)), "deal"), sumLine(by))
	for _, name := range digestsOfDemo {
		ps, err := s.client.Preview(ctx, api.PreviewRequest{Name: name})
		if err != nil {
			return nil, "", err
		}
		all = append(all, ps...)
	}
	if dir, err = s.keep(found.Findings, all); err != nil {
		return nil, "", err
	}
	if err := s.deliver(ctx); err != nil {
		return nil, "", err
	}
	return all, dir, s.again(ctx)
}

// print shows a digest under a line that says whose it is.
func (s *show) print(title string, p *api.Preview) {
	s.say("\n%s", strings.Repeat("─", 72))
	s.say("%s\n", title)
	above, below := fold(plainText(p.Text))
	s.say("%s", strings.TrimRight(above, "\n"))
	if below > 0 {
		s.say("(%s below the fold: in Slack they are in the thread)", counted(below, "line"))
	}
}

func (s *show) sync(ctx context.Context) error {
	p := newProgress(s.app.out, s.app.err)
	p.indent = "  "
	err := s.client.Sync(ctx, api.SyncRequest{}, func(_ []byte, e *api.SyncEvent) error {
		p.watch(e)
		if !s.short || e.Finished {
			p.show(e)
		}
		return nil
	})
	p.done()
	if err == nil {
		err = p.verdict()
	}
	return err
}

// deliver sends the digests and looks into the workspace and the mailbox what
// arrived there.
func (s *show) deliver(ctx context.Context) error {
	slack, mails := len(s.company.Slack().Messages()), len(s.servers.Mail.Messages())
	for _, name := range digestsOfDemo {
		rs, err := s.client.Send(ctx, api.SendRequest{Name: name})
		if err != nil {
			return err
		}
		if err := sendVerdict(rs); err != nil {
			return err
		}
		inOrder(rs)
		if !s.short {
			s.sent(name, rs)
		}
	}
	parents, replies := 0, 0
	for _, m := range s.company.Slack().Messages()[slack:] {
		if m.ThreadTS == "" {
			parents++
		} else {
			replies++
		}
	}
	mails = len(s.servers.Mail.Messages()) - mails
	s.say("  arrived: %s in Slack with %s in their threads, %s", counted(parents, "message"), counted(replies, "part"), counted(mails, "email"))
	if parents == 0 && mails == 0 {
		return fmt.Errorf("demo: no digest arrived")
	}
	return nil
}

// sent prints the deliveries to managers, and counts those to reps.
func (s *show) sent(name string, rs []api.SendResult) {
	if name == demoRepDigest {
		by := map[string]int{}
		for i := range rs {
			by[string(rs[i].State)]++
		}
		var said []string
		for _, state := range slices.Sorted(maps.Keys(by)) {
			said = append(said, fmt.Sprintf("%d %s", by[state], state))
		}
		s.say("  %s to %s: %s", name, counted(len(rs), "rep"), strings.Join(said, ", "))
		return
	}
	for i := range rs {
		text := fmt.Sprintf("%s to %s (team %s) by %s: %s", name, plain(rs[i].Recipient), plain(rs[i].Team), rs[i].Channel, outcome(&rs[i]))
		s.say("  %s", strings.Join(wrap(text, lineWidth-4), "\n    "))
	}
}

// outcome is the state of a delivery in a few words.
func outcome(r *api.SendResult) string {
	text := string(r.State)
	if r.State == delivery.Sent || r.Reason == "" {
		return text
	}
	return text + ", " + plain(r.Reason)
}

// again sends the digests a second time, and fails when anything arrives.
func (s *show) again(ctx context.Context) error {
	slack, mails := len(s.company.Slack().Messages()), len(s.servers.Mail.Messages())
	for _, name := range digestsOfDemo {
		if _, err := s.client.Send(ctx, api.SendRequest{Name: name}); err != nil {
			return err
		}
	}
	more := len(s.company.Slack().Messages()) - slack + len(s.servers.Mail.Messages()) - mails
	if more != 0 {
		return fmt.Errorf("demo: sending again delivered %s", counted(more, "message"))
	}
	if !s.short {
		s.say("  sent a second time: nothing arrived, today's digests were done")
	}
	return nil
}

// fold cuts a digest's text at the line of dashes that its list of the rest
// stands under, and counts the lines below.
func fold(text string) (above string, below int) {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if bar := strings.TrimRight(line, "\n"); len(bar) >= 10 && strings.Trim(bar, "-") == "" {
			return strings.Join(lines[:i], ""), len(lines) - i - 2
		}
	}
	return text, 0
}
