package portal

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Load fills an empty portal from tables, the files TABLE_data.csv at the root of
// fsys, as Fivetran's connector writes them. Rows without a time get the time start.
func (h *Records) Load(fsys fs.FS, start time.Time) error {
	l := &loader{h: h, fsys: fsys, start: start}
	h.Pipelines = nil
	l.read("deal_pipeline", l.pipeline)
	l.read("deal_pipeline_stage", l.stage)
	for _, p := range h.Pipelines {
		slices.SortStableFunc(p.Stages, func(a, b *Stage) int { return l.order[a] - l.order[b] })
	}
	l.read("owner", l.owner)
	for _, t := range Types {
		if name := tableOf(t); name != "" {
			l.read(name, func(r record) error { return l.object(t, r) })
		}
	}
	l.read("deal_stage", l.entered)
	l.read("deal_contact", func(r record) error {
		return l.link("deals", r["deal_id"], "contacts", r["contact_id"], r["type_id"])
	})
	for _, side := range []string{"deal", "contact"} {
		l.read("engagement_"+side, func(r record) error {
			t := TypeNamed(r["engagement_type"])
			if t == nil {
				return nil
			}
			return l.link(t.Name, r["engagement_id"], side+"s", r[side+"_id"], r["type_id"])
		})
	}
	l.read("merged_deal", l.mergedDeal)
	for _, o := range h.Tables["deals"].Rows {
		updated := o.Updated
		h.rollUp(o)
		o.Updated = updated // computing the rollups while loading is no change of the deal
	}
	if l.err == nil && len(h.Tables["deals"].Rows) == 0 {
		l.err = errors.New("no deals found; name a directory that holds deal_data.csv")
	}
	return l.err
}

func tableOf(t *Type) string {
	switch {
	case t.Name == "companies":
		return ""
	case slices.Contains(Activities, t.Name):
		return "engagement_" + t.Singular
	}
	return t.Singular
}

// record is a row of a table by column; empty cells are absent.
type record map[string]string

type loader struct {
	h     *Records
	fsys  fs.FS
	start time.Time
	order map[*Stage]int
	err   error // the first error
}

// read calls add with each row of a table. A missing table has no rows.
func (l *loader) read(table string, add func(record) error) {
	if l.err != nil {
		return
	}
	f, err := l.fsys.Open(table + "_data.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.err = err
		return
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err == nil && len(rows) == 0 {
		err = errors.New("the file is empty; the first line must name the columns")
	}
	if err != nil {
		l.err = fmt.Errorf("%s: %w", table, err)
		return
	}
	for i, row := range rows[1:] {
		r := record{}
		for k, v := range row {
			if v != "" {
				r[rows[0][k]] = v
			}
		}
		if err := add(r); err != nil {
			l.err = fmt.Errorf("%s, row %d: %w", table, i+1, err)
			return
		}
	}
}

// time reads a time from a column; an empty or missing column is the company's
// beginning.
func (l *loader) time(r record, column string) (time.Time, error) {
	if r[column] == "" {
		return l.start, nil
	}
	at, err := time.Parse("2006-01-02 15:04:05", r[column])
	if err != nil {
		return at, fmt.Errorf("%s: %w", column, err)
	}
	return at.Truncate(time.Millisecond), nil
}

func (l *loader) pipeline(r record) error {
	at, err := l.time(r, "created_at")
	l.h.Pipelines = append(l.h.Pipelines, &Pipeline{ID: r["pipeline_id"], Label: r["label"], Created: at, Updated: at, Archived: strings.EqualFold(r["_fivetran_deleted"], "true")})
	return err
}

func (l *loader) stage(r record) error {
	at, err := l.time(r, "created_at")
	if err != nil {
		return err
	}
	s := &Stage{ID: r["stage_id"], Label: r["label"], Closed: strings.EqualFold(r["is_closed"], "true"), Archived: strings.EqualFold(r["_fivetran_deleted"], "true"), Created: at, Updated: at}
	if s.Probability, err = strconv.ParseFloat(r["probability"], 64); err != nil {
		return fmt.Errorf("probability: %w", err)
	}
	if l.order == nil {
		l.order = map[*Stage]int{}
	}
	if l.order[s], err = strconv.Atoi(r["display_order"]); err != nil {
		return fmt.Errorf("display_order: %w", err)
	}
	i := slices.IndexFunc(l.h.Pipelines, func(p *Pipeline) bool { return p.ID == r["pipeline_id"] })
	if i < 0 {
		i = len(l.h.Pipelines)
		l.h.Pipelines = append(l.h.Pipelines, &Pipeline{ID: r["pipeline_id"], Label: r["pipeline_id"], Created: at, Updated: at})
	}
	l.h.Pipelines[i].Stages = append(l.h.Pipelines[i].Stages, s)
	return nil
}

func (l *loader) owner(r record) error {
	id, err := strconv.ParseInt(r["owner_id"], 10, 64)
	if err != nil {
		return err
	}
	at, err := l.time(r, "created_at")
	if err != nil {
		return err
	}
	o := l.h.AddOwner(r["email"], r["first_name"], r["last_name"], "", at)
	o.ID = id
	if n, err := strconv.ParseInt(r["active_user_id"], 10, 64); err == nil {
		o.UserID = n
	}
	slices.SortFunc(l.h.Owners, func(a, b *Owner) int { return int(a.ID - b.ID) })
	return nil
}
