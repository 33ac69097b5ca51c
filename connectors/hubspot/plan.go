package hubspot

import (
	"context"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// part is one leg of a run: one list or one search.
type part struct {
	object string
	read   func(*walk) reading
	fill   func(*walk) reading // what a list lacks that the index counts; nil where the index cannot tell
}

// next is the reading of the page at which the run stands.
func (p *part) next(w *walk) reading {
	if w.run.Gaps != nil {
		return p.fill(w)
	}
	return p.read(w)
}

// reading reads one page; done says that the part has no more pages.
type reading func(ctx context.Context) (done bool, err error)

// plan lists the parts of a run, nil for a stream that HubSpot does not have. The
// plan depends on nothing but the run, so the number of a part means the same in
// each page.
func plan(name crm.Stream, r *run) []part {
	switch name {
	case crm.Users:
		return []part{
			{object: "owners", read: func(w *walk) reading { return owners{w}.active }},
			{object: "owners", read: func(w *walk) reading { return owners{w}.deactivated }},
		}
	case crm.Stages:
		return []part{{object: "pipelines", read: func(w *walk) reading { return w.stages }}}
	case crm.Contacts:
		if r.Full {
			return []part{{object: "deals", read: func(w *walk) reading { return contacts{w}.list }, fill: func(w *walk) reading { return contacts{w}.fill }}}
		}
		list := []part{{object: "deals", read: func(w *walk) reading { return contacts{w}.changed }}}
		if r.asks("deals") {
			list = append(list, part{object: "deals", read: func(w *walk) reading { return contacts{w}.again }})
		}
		if r.Deep {
			list = append(list, part{object: "deals", read: func(w *walk) reading { return contacts{w}.late }})
		}
		return list
	case crm.Opportunities:
		return planDeals(r)
	case crm.History:
		if r.Full {
			return []part{{object: "deals", read: func(w *walk) reading { return history{w}.list }, fill: func(w *walk) reading { return history{w}.fill }}}
		}
		list := []part{{object: "deals", read: func(w *walk) reading { return history{w}.changed }}}
		if r.asks("deals") {
			list = append(list, part{object: "deals", read: func(w *walk) reading { return history{w}.again }})
		}
		return list
	case crm.Activities:
		return planActivities(r)
	}
	return nil
}

func inBin(object string) part {
	return part{object: object, read: func(w *walk) reading { return w.bin }}
}

func planDeals(r *run) []part {
	if r.Full {
		return []part{{object: "deals", read: func(w *walk) reading { return deals{w}.list }, fill: func(w *walk) reading { return deals{w}.fill }}, inBin("deals")}
	}
	list := []part{{object: "deals", read: func(w *walk) reading { return deals{w}.changed }}}
	if r.asks("deals") {
		list = append(list, part{object: "deals", read: func(w *walk) reading { return deals{w}.again }})
	}
	if r.Bin {
		list = append(list, inBin("deals"))
	}
	return list
}

func planActivities(r *run) []part {
	var out []part
	for _, object := range portal.Activities {
		if r.Full {
			out = append(out, part{object: object, read: func(w *walk) reading { return activities{w}.list }, fill: func(w *walk) reading { return activities{w}.fill }})
		} else {
			out = append(out, part{object: object, read: func(w *walk) reading { return activities{w}.changed }})
		}
		if r.asks(object) {
			out = append(out, part{object: object, read: func(w *walk) reading { return activities{w}.again }})
		}
	}
	if !r.Full && r.Deep {
		out = append(out, part{object: "deals", read: func(w *walk) reading { return activities{w}.late }})
	}
	if r.Bin && (r.Again || !r.Full) { // the first reading has nothing to delete
		for _, object := range portal.Activities {
			out = append(out, inBin(object))
		}
	}
	return out
}
