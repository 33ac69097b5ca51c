package control

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/edition"
)

// Preview evaluates every source and composes a digest for its readers without sending
// it.
func (c *Control) Preview(ctx context.Context, req api.PreviewRequest) ([]api.Preview, error) {
	dg, err := c.digest(req.Name)
	if err != nil {
		return nil, err
	}
	if err := c.Evaluation.All(ctx); err != nil {
		return nil, err
	}
	if err := c.Edition.Ready(ctx, dg); err != nil {
		return nil, refusal(err)
	}
	ps, err := c.Edition.Run().Preview(ctx, dg, req.For)
	if err != nil {
		return nil, err
	}
	if len(ps) == 0 && req.For == "" {
		return nil, api.Errorf(api.ExitUsage, "nobody gets %s now: its readers are no longer active in the CRM (%s)", req.Name, strings.Join(c.Edition.Readers(dg), ", "))
	}
	if len(ps) == 0 {
		return nil, api.Errorf(api.ExitUsage, "%s has no reader %q; its readers are %s", req.Name, req.For, strings.Join(c.Edition.Readers(dg), ", "))
	}
	var out []api.Preview
	for i := range ps {
		p := &ps[i]
		out = append(out, api.Preview{
			Digest: dg.Name, Team: c.cfg.Teams.Name(p.Team), Recipient: p.Recipient, Channel: dg.Via, Else: dg.Else, Why: p.Why,
			Subject: p.Message.Subject, Text: text.Write(&p.Message, text.Options{Width: 100}),
			HTML: p.Rendered[delivery.Email], Slack: p.Rendered[delivery.Slack], Places: places(p.Places),
		})
	}
	return out, nil
}

// nextInRank is how many lines without a number a preview explains.
const nextInRank = 5

// places puts the lines of a list into the words of the API.
func places(all []digest.Reasoned) []api.Place {
	out := []api.Place{}
	rest := 0
	for i := range all {
		if all[i].Number == 0 {
			if rest++; rest > nextInRank {
				break
			}
		}
		out = append(out, placed(&all[i]))
	}
	return out
}

func placed(r *digest.Reasoned) api.Place {
	return api.Place{Number: r.Number, Name: r.Name, Deals: len(r.Deals), Reason: r.Reason, Why: r.Place, Sum: r.Sum}
}

// Send evaluates every source and sends a digest now.
func (c *Control) Send(ctx context.Context, req api.SendRequest) ([]api.SendResult, error) {
	dg, err := c.digest(req.Name)
	if err != nil {
		return nil, err
	}
	if err := c.Evaluation.All(ctx); err != nil {
		return nil, err
	}
	return c.SendNow(ctx, dg, req.To, req.Again)
}

// SendNow is Send without the evaluation.
func (c *Control) SendNow(ctx context.Context, dg *edition.Digest, to string, again bool) ([]api.SendResult, error) {
	if err := c.Edition.Ready(ctx, dg); err != nil {
		return nil, refusal(err)
	}
	if to != "" {
		if a, err := mail.ParseAddress(to); err != nil || a.Address != to {
			return nil, api.Errorf(api.ExitUsage, "--to %q is not one address; write it as in me@acme.example", to)
		}
	}
	sent, err := c.Edition.Run().Send(ctx, dg, to, again)
	if err != nil {
		return nil, refusal(err)
	}
	var out []api.SendResult
	for i := range sent {
		out = append(out, api.SendResult{DeliveryStatus: c.statusOf(&sent[i].Delivery), Already: sent[i].Already})
	}
	slices.SortFunc(out, func(a, b api.SendResult) int {
		if c := a.Changed.Compare(b.Changed); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// digest returns a digest of the configuration by its name, or the error of a wrong
// name.
func (c *Control) digest(name string) (*edition.Digest, error) {
	if dg := c.Edition.Find(name); dg != nil {
		return dg, nil
	}
	var names []string
	for _, dg := range c.Edition.Digests() {
		names = append(names, dg.Name)
	}
	return nil, api.Errorf(api.ExitUsage, "no digest is called %q; the configuration has %v", name, names)
}
