package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// show plays the two days of the demo through the control API, as commands do.
type show struct {
	app     *app
	client  *client
	company *sim.Company
	servers *sim.Servers
	out     string // directory of the HTML file
}

// say prints a line at once.
func (s *show) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.app.out, format+"\n", args...) // output remembers its error
	flush(s.app.out)
}

func (s *show) play(ctx context.Context) error {
	s.say("Acme is an invented company. Its Salesforce, HubSpot, Slack and mail server run on this\nmachine; nothing leaves it, and it needs no account.")
	if err := s.day(ctx, nil); err != nil {
		return err
	}
	s.company.Advance(s.company.Now().In(s.client.zone).AddDate(0, 0, 1))
	var tuesday api.Preview
	if err := s.day(ctx, &tuesday); err != nil {
		return err
	}
	s.print(demoDigest+", as "+demoReader+" reads it:", &tuesday)
	own, err := s.preview(ctx, demoRepDigest, demoRep)
	if err != nil {
		return err
	}
	s.print(demoRepDigest+", as "+demoRep+" would read it (a preview, not sent):", own)
	path, err := s.write(&tuesday)
	if err != nil {
		return err
	}
	s.say("\n%s\nThe same digest as an email: %s", strings.Repeat("─", 72), path)
	s.say("(Yours has links to the deals; this one has none, because the invented CRM has no pages.)")
	return nil
}

// day syncs, evaluates and delivers once. Where keep is not nil, day puts the manager's
// digest into it: a preview made before the digest is sent, because a digest tells what
// is new since the last digest that was sent.
func (s *show) day(ctx context.Context, keep *api.Preview) error {
	s.say("\n%s", s.company.Now().In(s.client.zone).Format("Monday 2 January 2006, 15:04 MST"))
	if err := s.sync(ctx); err != nil {
		return err
	}
	found, err := s.client.Check(ctx, api.CheckRequest{})
	if err != nil {
		return err
	}
	if err := noVerdict(found.Sources); err != nil {
		return err
	}
	by := map[string]int{}
	for i := range found.Findings {
		by[found.Findings[i].Severity]++
	}
	s.say("  evaluated: %s on %s%s", counted(len(found.Findings), "finding"), counted(len(byDeal(found.Findings)), "deal"), sumLine(by))
	if keep != nil {
		p, err := s.preview(ctx, demoDigest, demoReader)
		if err != nil {
			return err
		}
		*keep = *p
	}
	if err := s.deliver(ctx); err != nil {
		return err
	}
	return s.again(ctx)
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

// preview returns the digest of that name as the reader would get it.
func (s *show) preview(ctx context.Context, name, reader string) (*api.Preview, error) {
	ps, err := s.client.Preview(ctx, api.PreviewRequest{Name: name, For: reader})
	if err != nil {
		return nil, err
	}
	if len(ps) != 1 {
		return nil, fmt.Errorf("demo: %s has %s for %s instead of one", name, counted(len(ps), "preview"), reader)
	}
	return &ps[0], nil
}

func (s *show) sync(ctx context.Context) error {
	p := newProgress(s.app.out, s.app.err)
	p.indent = "  "
	err := s.client.Sync(ctx, api.SyncRequest{}, func(_ []byte, e *api.SyncEvent) error {
		p.watch(e)
		p.show(e)
		return nil
	})
	p.done()
	if err == nil {
		err = p.verdict()
	}
	return err
}

// deliver sends the digest and looks into the workspace and the mailbox what
// arrived there.
func (s *show) deliver(ctx context.Context) error {
	slack, mails := len(s.company.Slack().Messages()), len(s.servers.Mail.Messages())
	rs, err := s.client.Send(ctx, api.SendRequest{Name: demoDigest})
	if err != nil {
		return err
	}
	inOrder(rs)
	for i := range rs {
		text := fmt.Sprintf("%s to %s (team %s) by %s: %s", demoDigest, plain(rs[i].Recipient), plain(rs[i].Team), rs[i].Channel, outcome(&rs[i]))
		s.say("  %s", strings.Join(wrap(text, lineWidth-4), "\n    "))
	}
	parents, replies := 0, 0
	for _, m := range s.company.Slack().Messages()[slack:] {
		if m.ThreadTS == "" {
			parents++
		} else {
			replies++
		}
	}
	s.say("  arrived: %s in Slack with %s in its thread, %s", counted(parents, "message"), counted(replies, "part"), counted(len(s.servers.Mail.Messages())-mails, "email"))
	if parents == 0 && len(s.servers.Mail.Messages()) == mails {
		return fmt.Errorf("demo: no digest arrived")
	}
	return nil
}

// outcome is the state of a delivery in a few words.
func outcome(r *api.SendResult) string {
	text := string(r.State)
	if r.State == delivery.Sent || r.Reason == "" {
		return text
	}
	return text + ", " + plain(r.Reason)
}

// again sends the digest a second time, and fails when anything arrives.
func (s *show) again(ctx context.Context) error {
	slack, mails := len(s.company.Slack().Messages()), len(s.servers.Mail.Messages())
	if _, err := s.client.Send(ctx, api.SendRequest{Name: demoDigest}); err != nil {
		return err
	}
	more := len(s.company.Slack().Messages()) - slack + len(s.servers.Mail.Messages()) - mails
	if more != 0 {
		return fmt.Errorf("demo: sending again delivered %s", counted(more, "message"))
	}
	s.say("  sent a second time: nothing arrived, today's digest was done")
	return nil
}

func (s *show) write(p *api.Preview) (string, error) {
	if p.HTML == "" {
		return "", fmt.Errorf("demo: the digest has no HTML form")
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return "", fail(api.ExitIO, "demo: %w", err)
	}
	name := fmt.Sprintf("%s-%s-%s.html", p.Digest, strings.ToLower(p.Team), s.company.Now().In(s.client.zone).Format(time.DateOnly))
	path := filepath.Join(s.out, name)
	if err := os.WriteFile(path, []byte(unlinked(p.HTML)), 0o644); err != nil {
		return "", fail(api.ExitIO, "demo: %w", err)
	}
	return path, nil
}

// link matches how an e-mail links a name; its second part is what the name looks like
// besides.
var link = regexp.MustCompile(`<a href="[^"]*" style="color:[^;"]*;text-decoration:underline;([^"]*)">`)

// unlinked writes the names of deals as words: a link of the demo would lead to a
// server that has ended, or to the real HubSpot.
func unlinked(html string) string {
	return strings.ReplaceAll(link.ReplaceAllString(html, `<span style="$1">`), "</a>", "</span>")
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
