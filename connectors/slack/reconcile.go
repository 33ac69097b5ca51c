package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// lookback is by how much Slack's stamp of a message may be earlier than the attempt
// by our own clock. A machine whose clock is an hour or a day fast would otherwise not
// find its own message and post the message a second time. Direct messages with an app
// are few, so looking further back costs nothing.
const lookback = 25 * time.Hour

// maxPages bounds the search; 20 pages of 100 messages in direct messages with an
// app are more than a month of digests.
const maxPages = 20

// Reconcile looks for the part by the key in its metadata, among the messages
// since the attempt. Reconcile requires the scope im:history; without the scope the
// error says so, and the part stays in doubt.
func (n *Notifier) Reconcile(ctx context.Context, to *delivery.Delivery, p delivery.Part, earlier []delivery.Receipt) (delivery.Receipt, bool, error) {
	args := form{"include_all_metadata": "true", "limit": "100"}
	method := "conversations.history"
	if len(earlier) > 0 {
		method = "conversations.replies"
		args["channel"], args["ts"] = earlier[0].Channel, earlier[0].ID
	} else {
		room, err := n.room(ctx, to.Address())
		if err != nil {
			return delivery.Receipt{}, false, inDoubt(err)
		}
		args["channel"] = room
	}
	started := p.Started
	if started.IsZero() {
		started = to.Created
	}
	if !started.IsZero() {
		args["oldest"] = stamp(started.Add(-lookback))
	}
	for range maxPages {
		var out struct {
			Messages *[]struct {
				TS       string `json:"ts"`
				Metadata struct {
					EventType string         `json:"event_type"`
					Payload   map[string]any `json:"event_payload"`
				} `json:"metadata"`
			} `json:"messages"`
			More bool `json:"has_more"`
			Next struct {
				Cursor string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if err := n.call(ctx, method, args, &out); err != nil {
			return delivery.Receipt{}, false, inDoubt(classify(err, false))
		}
		if out.Messages == nil {
			// Something on the way said ok for Slack: an answer without the list is not an
			// empty list, and an absence that is believed makes a second copy.
			return delivery.Receipt{}, false, &delivery.RetryError{After: askAgain, Err: fmt.Errorf("slack %s: the answer has no messages", method)}
		}
		for _, m := range *out.Messages {
			if m.Metadata.EventType == EventType && m.Metadata.Payload["k"] == p.Key && isStamp(m.TS) {
				return delivery.Receipt{Channel: args["channel"], ID: m.TS, At: at(m.TS)}, true, nil
			}
		}
		if out.Next.Cursor == "" {
			if out.More {
				return delivery.Receipt{}, false, fmt.Errorf("slack %s: there are more messages but no way to read them; look for the message by hand", method)
			}
			return delivery.Receipt{}, false, nil
		}
		args["cursor"] = out.Next.Cursor
	}
	return delivery.Receipt{}, false, fmt.Errorf("slack %s: the message is not among the first %d; look for the message by hand", method, maxPages*100)
}

// askAgain is when a refusal to look for a message is tried again.
const askAgain = 15 * time.Minute

// inDoubt turns an error into one that says whether to reconcile again soon. A missing
// scope, and a person or room that is not there any more, say that Slack will not look; any
// other refusal (a token, a page of a proxy, a word that Slack has not documented) is of
// its moment.
func inDoubt(err error) error {
	var f *failure
	if errors.Is(err, delivery.ErrRetry) || !errors.As(err, &f) {
		return err
	}
	if f.Code == "missing_scope" || f.class() == destination {
		return f
	}
	return &delivery.RetryError{After: askAgain, Err: f}
}

// stamp writes a time as Slack does: seconds and microseconds.
func stamp(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + fmt.Sprintf(".%06d", t.Nanosecond()/1000)
}

func at(ts string) time.Time {
	f, err := strconv.ParseFloat(ts, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(f * 1e6)).UTC()
}
