package sim

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

// load fills an empty portal from tables, as [LoadHubSpotTables] tells. What has no
// time of its own was made at start.
func (h *portalRecords) load(fsys fs.FS, start time.Time) error {
	l := &hubLoader{h: h, fsys: fsys, start: start}
	h.pipelines = nil
	l.read("deal_pipeline", l.pipeline)
	l.read("deal_pipeline_stage", l.stage)
	for _, p := range h.pipelines {
		slices.SortStableFunc(p.stages, func(a, b *hubStage) int { return l.order[a] - l.order[b] })
	}
	l.read("owner", l.owner)
	for _, t := range hubTypes {
		if name := hubTableOf(t); name != "" {
			l.read(name, func(r hubRecord) error { return l.object(t, r) })
		}
	}
	l.read("deal_stage", l.entered)
	l.read("deal_contact", func(r hubRecord) error {
		return l.link("deals", r["deal_id"], "contacts", r["contact_id"], r["type_id"])
	})
	for _, side := range []string{"deal", "contact"} {
		l.read("engagement_"+side, func(r hubRecord) error {
			t := hubTypeNamed(r["engagement_type"])
			if t == nil {
				return nil
			}
			return l.link(t.name, r["engagement_id"], side+"s", r[side+"_id"], r["type_id"])
		})
	}
	l.read("merged_deal", l.mergedDeal)
	for _, o := range h.tables["deals"].rows {
		updated := o.updated
		h.rollUp(o)
		o.updated = updated // the rollups were there before
	}
	if l.err == nil && len(h.tables["deals"].rows) == 0 {
		l.err = errors.New("no deals found; point it at a directory with deal_data.csv")
	}
	return l.err
}

func hubTableOf(t *hubType) string {
	switch {
	case t.name == "companies":
		return ""
	case slices.Contains(hubActivities, t.name):
		return "engagement_" + t.singular
	}
	return t.singular
}

// hubRecord is a row of a table by column; empty cells are absent.
type hubRecord map[string]string

type hubLoader struct {
	h     *portalRecords
	fsys  fs.FS
	start time.Time
	order map[*hubStage]int
	err   error // the first one
}

// read gives each row of a table to add.
func (l *hubLoader) read(table string, add func(hubRecord) error) {
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
		err = errors.New("no header")
	}
	if err != nil {
		l.err = fmt.Errorf("%s: %w", table, err)
		return
	}
	for i, row := range rows[1:] {
		r := hubRecord{}
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

// time reads a column; a table without it gives the company's beginning.
func (l *hubLoader) time(r hubRecord, column string) (time.Time, error) {
	if r[column] == "" {
		return l.start, nil
	}
	at, err := time.Parse("2006-01-02 15:04:05", r[column])
	if err != nil {
		return at, fmt.Errorf("%s: %w", column, err)
	}
	return at.Truncate(time.Millisecond), nil
}

func (l *hubLoader) pipeline(r hubRecord) error {
	at, err := l.time(r, "created_at")
	l.h.pipelines = append(l.h.pipelines, &hubPipeline{id: r["pipeline_id"], label: r["label"], created: at, updated: at, archived: strings.EqualFold(r["_fivetran_deleted"], "true")})
	return err
}

func (l *hubLoader) stage(r hubRecord) error {
	at, err := l.time(r, "created_at")
	if err != nil {
		return err
	}
	s := &hubStage{id: r["stage_id"], label: r["label"], closed: strings.EqualFold(r["is_closed"], "true"), archived: strings.EqualFold(r["_fivetran_deleted"], "true"), created: at, updated: at}
	if s.probability, err = strconv.ParseFloat(r["probability"], 64); err != nil {
		return fmt.Errorf("probability: %w", err)
	}
	if l.order == nil {
		l.order = map[*hubStage]int{}
	}
	if l.order[s], err = strconv.Atoi(r["display_order"]); err != nil {
		return fmt.Errorf("display_order: %w", err)
	}
	i := slices.IndexFunc(l.h.pipelines, func(p *hubPipeline) bool { return p.id == r["pipeline_id"] })
	if i < 0 {
		i = len(l.h.pipelines)
		l.h.pipelines = append(l.h.pipelines, &hubPipeline{id: r["pipeline_id"], label: r["pipeline_id"], created: at, updated: at})
	}
	l.h.pipelines[i].stages = append(l.h.pipelines[i].stages, s)
	return nil
}

func (l *hubLoader) owner(r hubRecord) error {
	id, err := strconv.ParseInt(r["owner_id"], 10, 64)
	if err != nil {
		return err
	}
	at, err := l.time(r, "created_at")
	if err != nil {
		return err
	}
	o := l.h.addOwner(r["email"], r["first_name"], r["last_name"], "", at)
	o.id = id
	if n, err := strconv.ParseInt(r["active_user_id"], 10, 64); err == nil {
		o.userID = n
	}
	slices.SortFunc(l.h.owners, func(a, b *hubOwner) int { return int(a.id - b.id) })
	return nil
}
