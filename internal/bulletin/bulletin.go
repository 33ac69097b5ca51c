// Package bulletin tells those who run Pipetidy what cannot wait: a source that is refused
// or withheld, a message that may not have arrived, a mistake in the configuration. Each
// matter is told once, and once more when it is over. What is a matter is decided by the
// daemon, which sees all rooms; here is what was told, and the message.
package bulletin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Name stands for a bulletin where a digest has its name: in ids and in status.
const Name = "ops-bulletin"

// How late a bulletin may be, and when its else channel is tried although the first may
// recover.
const (
	lasting   = 24 * time.Hour
	elseAfter = 90 * time.Minute
)

// shown is how many matters a bulletin lists: whoever gets more looks into status anyway.
const shown = 20

// Matter is one thing that somebody has to do something about.
type Matter struct {
	Cause string    `json:"cause"` // what it is, without numbers that change
	Text  string    `json:"text"`  // a sentence that ends in what to do
	Since time.Time `json:"since"` // when it was told
	// Past says that it has happened, so that it has no end to be told of.
	Past bool `json:"past,omitempty"`
}

// Config is what a Bulletin is made from.
type Config struct {
	Ops       []string // addresses; none is nobody to tell
	Via, Else delivery.Channel
	Notifiers map[delivery.Channel]digest.Notifier
	Location  *time.Location
	// Works reports whether nothing is known against a channel, so that a message about one
	// that fails goes by the other; nil is nothing about any.
	Works func(delivery.Channel) bool
	Now   func() time.Time
}

// Journal is what a bulletin uses of the journal.
type Journal interface {
	Note(ctx context.Context, f store.Fence, name, value string) error
	Noted(ctx context.Context, name string) (string, error)
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
}

// Bulletin tells matters. One goroutine uses it.
type Bulletin struct {
	cfg     Config
	journal Journal
	fence   store.Fence
	outbox  *outbox.Outbox
}

// New makes a bulletin on an opened journal.
func New(cfg Config, j Journal, f store.Fence, out *outbox.Outbox) *Bulletin {
	return &Bulletin{cfg: cfg, journal: j, fence: f, outbox: out}
}

// Names of the journal's notes: the matters that were told and are not over, and the last
// messages, from which a channel's else renders its own.
const (
	toldNote   = "bulletin"
	issuesNote = "bulletins"
	keptIssues = 20
)

// standing is what was told and is not over, after that many messages.
type standing struct {
	Number  int      `json:"number"`
	Matters []Matter `json:"matters"`
}

// issue is what one message tells.
type issue struct {
	Period string    `json:"period"`
	At     time.Time `json:"at"`
	Fresh  []Matter  `json:"fresh"`
	Over   []Matter  `json:"over"`
	// Via and Else are the channels, those of the configuration where they are empty.
	Via  delivery.Channel `json:"via,omitempty"`
	Else delivery.Channel `json:"else,omitempty"`
}

// Publish compares the matters of now with what was told, and plans a message where
// something is new or over. A matter is not over while unsure says of its cause that
// nobody can tell. published reports that a message was planned.
func (b *Bulletin) Publish(ctx context.Context, now []Matter, unsure func(cause string) bool) (published bool, err error) {
	if len(b.cfg.Ops) == 0 || b.cfg.Notifiers[b.cfg.Via] == nil {
		return false, nil
	}
	var told standing
	if err := b.noted(ctx, toldNote, &told); err != nil {
		return false, err
	}
	at := b.cfg.Now()
	fresh, over, stand := change(told.Matters, now, unsure, at)
	if len(fresh)+len(over) == 0 {
		if len(stand) < len(told.Matters) { // so that what is past may happen again
			return false, b.note(ctx, toldNote, standing{told.Number, stand})
		}
		return false, nil
	}
	// What is told and its number make the id: after a crash between the steps the same
	// message has the same id, and a cause that comes back has another one.
	h := sha256.New()
	fmt.Fprintf(h, "%d\n", told.Number)
	for _, m := range fresh {
		fmt.Fprintf(h, "new %s\n", m.Cause)
	}
	for _, m := range over {
		fmt.Fprintf(h, "over %s %d\n", m.Cause, m.Since.Unix())
	}
	x := issue{crm.DateOf(at, b.cfg.Location).String() + " " + hex.EncodeToString(h.Sum(nil))[:12], at, fresh, over, b.cfg.Via, b.cfg.Else}
	if b.cfg.Works != nil && !b.cfg.Works(x.Via) && b.cfg.Notifiers[x.Else] != nil && b.cfg.Works(x.Else) {
		x.Via, x.Else = x.Else, x.Via
	}
	var issues []issue
	if err := b.noted(ctx, issuesNote, &issues); err != nil {
		return false, err
	}
	if i := slices.IndexFunc(issues, func(y issue) bool { return y.Period == x.Period }); i >= 0 {
		x = issues[i] // planned for some already, by the channels of then
	} else {
		issues = append(issues, x)
		if err := b.note(ctx, issuesNote, issues[max(len(issues)-keptIssues, 0):]); err != nil {
			return false, err
		}
	}
	for _, to := range b.cfg.Ops {
		if err := b.plan(ctx, to, &x, at); err != nil {
			return false, err
		}
	}
	return true, b.note(ctx, toldNote, standing{told.Number + 1, stand})
}

// Told says of each cause that stands when ops were told.
func (b *Bulletin) Told(ctx context.Context) (map[string]time.Time, error) {
	var told standing
	if err := b.noted(ctx, toldNote, &told); err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, m := range told.Matters {
		out[m.Cause] = m.Since
	}
	return out, nil
}

func (b *Bulletin) noted(ctx context.Context, name string, into any) error {
	s, err := b.journal.Noted(ctx, name)
	if err != nil || s == "" {
		return store.AsFileError(err)
	}
	if err := json.Unmarshal([]byte(s), into); err != nil {
		return fmt.Errorf("read what ops were told: %w", err)
	}
	return nil
}

func (b *Bulletin) note(ctx context.Context, name string, v any) error {
	s, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("note what ops were told: %w", err)
	}
	return store.AsFileError(b.journal.Note(ctx, b.fence, name, string(s)))
}

// change says which matters are new, which are over, and which stand now. A matter stands
// with the words that it was told in.
func change(told, now []Matter, unsure func(cause string) bool, at time.Time) (fresh, over, stand []Matter) {
	has := func(ms []Matter, cause string) bool {
		return slices.ContainsFunc(ms, func(m Matter) bool { return m.Cause == cause })
	}
	for _, m := range told {
		switch {
		case has(now, m.Cause) || unsure(m.Cause):
			stand = append(stand, m)
		case !m.Past:
			over = append(over, m)
		}
	}
	for _, m := range now {
		if !has(stand, m.Cause) {
			m.Since = at
			fresh, stand = append(fresh, m), append(stand, m)
		}
	}
	return fresh, over, stand
}

// plan plans the message for one address, unless it was planned.
func (b *Bulletin) plan(ctx context.Context, to string, x *issue, at time.Time) error {
	d := b.outbox.Planned(outbox.Plan{
		Digest: Name, Period: x.Period, Edition: 1, Recipient: to, Via: cmp.Or(x.Via, b.cfg.Via), Else: cmp.Or(x.Else, b.cfg.Else), Now: at, Deadline: at.Add(lasting), ElseAt: at.Add(elseAfter),
	})
	if _, have, err := b.journal.Delivery(ctx, d.ID); err != nil || have {
		return store.AsFileError(err)
	}
	return b.outbox.Add(ctx, d)
}

// Compose renders a message that Publish planned.
func (b *Bulletin) Compose(ctx context.Context, d *delivery.Delivery) (outbox.Content, error) {
	var issues []issue
	if err := b.noted(ctx, issuesNote, &issues); err != nil {
		return outbox.Content{}, err
	}
	i := slices.IndexFunc(issues, func(x issue) bool { return x.Period == d.Period })
	if i < 0 {
		return outbox.Content{Quiet: "newer messages took its place"}, nil
	}
	msg := b.message(&issues[i])
	msg.ID, msg.Recipient = d.ID, d.Recipient
	parts, err := b.cfg.Notifiers[d.Channel].Render(ctx, &msg, d)
	if err != nil {
		return outbox.Content{Wrong: "render: " + err.Error()}, nil //nolint:nilerr // the error is in Wrong, for this channel only
	}
	return outbox.Content{Parts: parts, AsOf: issues[i].At}, nil
}

// message is what an issue says.
func (b *Bulletin) message(x *issue) digest.Digest {
	fresh, over, at := x.Fresh, x.Over, x.At
	var news []string
	if n := len(fresh); n > 0 {
		news = append(news, words.Count(n, "new matter", "new matters"))
	}
	if n := len(over); n > 0 {
		news = append(news, words.Number(n)+" over")
	}
	clock := at.In(b.cfg.Location)
	d := digest.Digest{Name: Name, Subject: "Pipetidy, " + clock.Format("Mon 2 Jan 15:04") + ": " + strings.Join(news, ", ")}
	d.Sections = append(d.Sections, digest.Section{Title: "Pipetidy · " + clock.Format("Mon 2 Jan 15:04")})
	section := func(title string, ms []Matter, since bool) {
		if len(ms) == 0 {
			return
		}
		s := digest.Section{Title: title}
		for _, m := range ms[:min(len(ms), shown)] {
			line := digest.Line{{Text: "• ", Role: digest.Index}, {Text: words.Sentence(plain.Clip(m.Text, 600)), Role: digest.Reason}}
			if since {
				line = append(line, digest.Span{Text: " Told " + words.Moment(m.Since, at, b.cfg.Location) + ".", Role: digest.Status})
			}
			s.Lines = append(s.Lines, line)
		}
		if n := len(ms) - shown; n > 0 {
			s.Lines = append(s.Lines, digest.Line{{Text: words.Number(n) + " more."}})
		}
		d.Sections = append(d.Sections, s)
	}
	section("NEEDS YOU", fresh, false)
	section("OVER", over, true)
	d.Sections = append(d.Sections, digest.Section{Lines: []digest.Line{{{Text: "pipetidy status shows how everything stands.", Role: digest.Note}}}})
	return d
}
