package edition

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// Run is one look at the facts for all readers that are due. It reads each table of the
// cache and the journal once, when the first reader requires it, so that the work per
// reader walks no whole table. A run is for one goroutine and one round: its facts grow
// old.
type Run struct {
	e *Edition
	// Wait says that a sync is on its way whose data the digests should have: until it
	// is there, what the schedule asks for is neither begun nor composed, except close to
	// its deadline.
	Wait bool

	asked  time.Time // when the CRMs were last asked for the deals with findings
	facts  *facts
	lives  *lives
	record *record

	days      *hygiene.Almanac     // read by almanac
	salvaged  *time.Time           // when the journal was salvaged, zero when it was not
	judged    *bool                // whether any source has been judged
	people    map[string]bool      // by address: active in some CRM
	names     map[string]string    // by address, as the CRMs have them
	start     *time.Time           // of the first evaluation
	audiences map[string]*audience // by team, read by OwnerOnly
	typos     map[string]string    // address that is a slip away from a user's: why it gets nothing
}

// Run begins a run. It reads nothing yet.
func (e *Edition) Run() *Run { return &Run{e: e} }

// confirm makes sure that the CRMs were asked for the deals with findings after the
// delivery was planned: an increment tells of a deletion late, and of a purge not at all.
func (r *Run) confirm(ctx context.Context, d *delivery.Delivery) error {
	if !r.asked.IsZero() && !r.asked.Before(d.Created) {
		return nil
	}
	asked, err := r.e.cfg.Confirm(ctx, d.Created, r.named)
	if err != nil {
		return err
	}
	r.asked, r.facts, r.lives, r.people = asked, nil, nil, nil
	return nil
}

// almanac says who works when, read once.
func (r *Run) almanac() *hygiene.Almanac {
	if r.days == nil {
		if r.days = r.e.cfg.Almanac(); r.days == nil {
			r.days = &hygiene.Almanac{}
		}
	}
	return r.days
}

// calendar is the calendar of a person in the team, or with "" the team's.
func (r *Run) calendar(person, team string) *hygiene.Calendar {
	var t *hygiene.Team
	for i := range r.e.cfg.Teams.List {
		if r.e.cfg.Teams.List[i].Key() == team {
			t = &r.e.cfg.Teams.List[i]
		}
	}
	if c := r.almanac().For(person, t); c != nil && c.Location != nil {
		return c
	}
	if c := r.almanac().Company; c != nil {
		return c
	}
	return &hygiene.Calendar{Location: r.e.cfg.Location}
}

// facts are the sources as they are at one moment.
type facts struct {
	at        time.Time
	sources   []digest.SourceStatus
	shown     map[string]bool          // by source: its findings are shown
	passes    map[string]*hygiene.Pass // by source: how its findings are said
	snapshots []hygiene.Snapshot
	unchecked []string
	sighted   map[string][]string // by label of a source: what could be checked; nil where one of that label is withheld
	folded    []digest.Fold
	parks     []hygiene.Park
}

// gather reads the facts once.
func (r *Run) gather(ctx context.Context) (*facts, error) {
	if r.facts != nil {
		return r.facts, nil
	}
	f := &facts{at: r.e.cfg.Now(), shown: map[string]bool{}, passes: map[string]*hygiene.Pass{}, sighted: map[string][]string{}}
	for _, src := range r.e.evaluation.Sources() {
		pass, v, err := r.e.evaluation.Pass(ctx, src)
		if err != nil {
			return nil, err
		}
		s, ok, err := r.e.journal.Snapshot(ctx, src.Name(), f.at)
		if err != nil {
			return nil, store.AsFileError(err)
		}
		f.passes[src.Name()] = pass
		st := status(src, pass, &v)
		if !ok && st.Withheld == "" {
			st.Withheld = "not evaluated yet"
		}
		f.sources = append(f.sources, st)
		if st.Withheld != "" {
			f.sighted[src.Label] = nil // readers know two accounts of a label as one
			continue
		}
		f.shown[src.Name()] = true
		f.snapshots = append(f.snapshots, s)
		f.unchecked = append(f.unchecked, unchecked(src, pass)...)
		if n := strangers(&s); n > 0 {
			f.unchecked = append(f.unchecked, fmt.Sprintf("%s deals whose owners our login does not see, of whichever team (%d open)", src.Label, n))
		}
		if sighted, known := f.sighted[src.Label]; !known || sighted != nil {
			f.sighted[src.Label] = append(sighted, checked(src, pass)...)
		}
		parks, err := r.e.evaluation.Parks(ctx, src, true)
		if err != nil {
			return nil, err
		}
		f.parks = append(f.parks, parks...)
		folds, err := r.e.evaluation.Folds(ctx, src)
		if err != nil {
			return nil, err
		}
		for i := range folds {
			x := &folds[i]
			f.folded = append(f.folded, digest.Fold{Fold: x.Fold, Source: src.Name(), Title: x.Title, Label: x.Label, Failed: x.Rate.Failed, Judged: x.Rate.Judged})
		}
	}
	r.facts = f
	return f, nil
}

// strangers counts the open deals of users that the login does not see: they may be
// anybody's, so they are in no team's digest.
func strangers(s *hygiene.Snapshot) (n int) {
	for i := range s.Tallies {
		if t := &s.Tallies[i]; t.OwnerID != "" && t.Team == "" && t.OwnerName == "" && t.OwnerEmail == "" {
			n += t.Deals
		}
	}
	return n
}

func status(src *evaluation.Source, pass *hygiene.Pass, v *evaluation.Verdict) digest.SourceStatus {
	return digest.SourceStatus{
		Name: src.Name(), Label: src.Label, AsOf: v.AsOf, Newest: v.Newest, Failed: v.Error != "", Complete: v.Complete, Withheld: v.Withheld, Cause: v.Cause,
		Currency: pass.Source.Info.Currency, Rates: pass.Source.Info.Rates, Park: pass.OwnersWay(),
	}
}

// lives are the findings by team that are open or ended after since.
type lives struct {
	since  time.Time
	byTeam map[string][]hygiene.Life
	told   map[string]bool    // teams whose findings have their words
	latest map[[2]string]seat // by source and record: the finding that knows the deal latest
}

// seat is where a finding is in lives.
type seat struct {
	team string
	at   int
}

func (l *lives) at(s seat) *hygiene.Life { return &l.byTeam[s.team][s.at] }

// margin is how much further back findings are read than the first reader requires, so
// that a reader whose last digest is a little older needs no second walk through the
// table.
const margin = 7 * 24 * time.Hour

// livesOf returns the findings of a team that are open or ended after since, in key
// order, as a new slice. The facts must have been gathered.
func (r *Run) livesOf(ctx context.Context, team string, since time.Time) ([]hygiene.Life, error) {
	if r.lives == nil || since.Before(r.lives.since) {
		l := &lives{since: since, byTeam: map[string][]hygiene.Life{}, told: map[string]bool{}, latest: map[[2]string]seat{}}
		if !since.IsZero() {
			l.since = since.Add(-margin)
		}
		err := r.e.journal.Lives(ctx, l.since, func(life hygiene.Life) error {
			l.byTeam[life.Deal.Team] = append(l.byTeam[life.Deal.Team], life)
			deal := [2]string{life.Source, life.Record}
			s, known := l.latest[deal]
			if !known || life.State == hygiene.Open || l.at(s).State != hygiene.Open && !life.Ended.Before(l.at(s).Ended) {
				l.latest[deal] = seat{life.Deal.Team, len(l.byTeam[life.Deal.Team]) - 1}
			}
			return nil
		})
		if err != nil {
			return nil, store.AsFileError(err)
		}
		r.lives = l
	}
	if !r.lives.told[team] {
		r.lives.told[team] = true
		for i := range r.lives.byTeam[team] {
			r.tell(&r.lives.byTeam[team][i])
		}
	}
	var out []hygiene.Life
	for _, l := range r.lives.byTeam[team] {
		if r.facts.shown[l.Source] && (l.State == hygiene.Open || l.Ended.After(since)) {
			out = append(out, l)
		}
	}
	return out, nil
}

// tell gives a finding its words. A source that is configured no longer has nobody to ask
// about its days.
func (r *Run) tell(l *hygiene.Life) {
	if pass := r.facts.passes[l.Source]; pass != nil {
		pass.Tell(l)
	}
}

// unseenOf returns the team's open findings in the commit of sources that are withheld. The
// findings must have been read.
func (r *Run) unseenOf(team string) (out []hygiene.Life) {
	for _, l := range r.lives.byTeam[team] {
		if !r.facts.shown[l.Source] && l.State == hygiene.Open && !l.Paused && l.Deal.Commit {
			out = append(out, l)
		}
	}
	return out
}

// elsewhere lists the deals that the last digest told and that are another team's now.
// The findings must have been read.
func (r *Run) elsewhere(told *digest.Told, team string) (out []hygiene.Life) {
	if told == nil {
		return nil
	}
	for i := range told.Deals {
		deal := [2]string{told.Deals[i].Source, told.Deals[i].Record}
		if s, ok := r.lives.latest[deal]; ok && r.lives.at(s).Holder().Team != team {
			l := *r.lives.at(s)
			r.tell(&l)
			out = append(out, l)
		}
	}
	return out
}

// parksOf are the parks of a team's deals that hold, or ended after since.
func (f *facts) parksOf(team string, since time.Time) (out []hygiene.Park) {
	for i := range f.parks {
		if k := &f.parks[i]; k.Deal.Team == team && (k.Holds() || k.Ended.After(since)) {
			out = append(out, *k)
		}
	}
	return out
}

// anyJudged is [evaluation.Evaluation.AnyJudged], read once.
func (r *Run) anyJudged(ctx context.Context) (bool, error) {
	if r.judged == nil {
		ok, err := r.e.evaluation.AnyJudged(ctx)
		if err != nil {
			return false, err
		}
		r.judged = &ok
	}
	return *r.judged, nil
}

// left reports whether the CRMs know the person and none has them as active: somebody
// who has left gets no list.
func (r *Run) left(ctx context.Context, email string) (bool, error) {
	if r.people == nil {
		people := map[string]bool{}
		r.names = map[string]string{}
		for _, src := range r.e.evaluation.Sources() {
			ref, err := r.e.evaluation.Reference(ctx, src.Name())
			if err != nil {
				return false, err
			}
			for _, u := range ref.Users {
				first := r.e.cfg.People.Email(u.Email)
				people[first] = people[first] || u.Active
				r.names[first] = cmp.Or(r.names[first], u.Name)
			}
		}
		r.people = people
	}
	active, known := r.people[email]
	return known && !active, nil
}

// typo says why the address gets no digest: no CRM knows it, and it is a user's with a
// slip, so the data of deals would go to whoever has the mistyped address. "" is an
// address that may get its digest.
func (r *Run) typo(ctx context.Context, email string) (string, error) {
	if r.typos == nil {
		ms, err := r.e.evaluation.Mistakes(ctx)
		if err != nil {
			return "", err
		}
		r.typos = map[string]string{}
		for i := range ms {
			if ms[i].Mistyped {
				r.typos[ms[i].Value] = ms[i].Text
			}
		}
	}
	return r.typos[email], nil
}

// started is [evaluation.Evaluation.Started], read once.
func (r *Run) started(ctx context.Context) (time.Time, error) {
	if r.start == nil {
		t, err := r.e.evaluation.Started(ctx)
		if err != nil {
			return t, err
		}
		r.start = &t
	}
	return *r.start, nil
}
