package evaluation

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// fiscal is the month with which the fiscal year of the company starts: what the
// configuration says, else what the accounts say that say it. Where two accounts differ,
// nobody knows whose quarters a manager means, so the calendar's are taken, and differ
// says so in words. Every text that rests on a quarter names its last day.
func (e *Evaluation) fiscal(ctx context.Context) (starts time.Month, differ string, err error) {
	if e.cfg.Fiscal != 0 {
		return e.cfg.Fiscal, "", nil
	}
	var said []string
	for i := range e.cfg.Sources {
		name := e.cfg.Sources[i].Name()
		ref, err := e.Reference(ctx, name)
		if err != nil {
			return 0, "", err
		}
		m := ref.Info.FiscalStart
		if m == 0 {
			continue
		}
		said = append(said, fmt.Sprintf("%s in %s", name, m))
		if starts != 0 && m != starts {
			differ = "differ"
		}
		starts = m
	}
	if differ == "" {
		return starts, "", nil
	}
	return 0, fmt.Sprintf("the fiscal year starts differently: of %s; the commit is summed to the ends of calendar quarters; write the month under fiscal_year.starts", strings.Join(said, ", of ")), nil
}

// fiscalNotice says once, with the first source, that the sources differ.
func (e *Evaluation) fiscalNotice(ctx context.Context, src *Source) ([]string, error) {
	if src.Name() != e.cfg.Sources[0].Name() {
		return nil, nil
	}
	_, differ, err := e.fiscal(ctx)
	if err != nil || differ == "" {
		return nil, err
	}
	return []string{differ}, nil
}
