package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// Send posts one part: the parent to the recipient's direct messages, a reply
// under the parent's receipt. A message that Slack refuses for its blocks is
// posted once more as text only.
func (n *Notifier) Send(ctx context.Context, to *delivery.Delivery, p delivery.Part, earlier []delivery.Receipt) (delivery.Receipt, error) {
	var m map[string]any
	if err := json.Unmarshal(p.Body, &m); err != nil || m["text"] == nil {
		return delivery.Receipt{}, rejected(delivery.BlameContent, errors.New("slack: the stored message cannot be read; send the digest again with --again"))
	}
	if !n.there() {
		n.forget(to.Address())
		if _, err := n.room(ctx, to.Address()); err != nil {
			return delivery.Receipt{}, err
		}
	}
	if len(earlier) > 0 {
		if earlier[0].ID == "" || earlier[0].Channel == "" {
			return delivery.Receipt{}, rejected(delivery.BlameContent, errors.New("slack: the message above this reply has no id; send the digest again with --again"))
		}
		m["channel"], m["thread_ts"] = earlier[0].Channel, earlier[0].ID
	} else {
		room, err := n.room(ctx, to.Address())
		if err != nil {
			return delivery.Receipt{}, err
		}
		m["channel"] = room
	}
	// The wait sends nothing, so an interruption here is harmless.
	if err := n.limit.Wait(ctx); err != nil {
		return delivery.Receipt{}, &delivery.RetryError{Err: fmt.Errorf("slack: interrupted before posting: %w", err)}
	}
	r, err := n.post(ctx, m)
	var f *failure
	if errors.As(err, &f) && f.content() {
		delete(m, "blocks")
		if strings.HasPrefix(f.Code, "metadata_") || strings.HasPrefix(f.Code, "invalid_metadata") {
			delete(m, "metadata")
		}
		if again, err2 := n.post(ctx, m); err2 == nil || !errors.Is(err2, delivery.ErrRejected) {
			r, err = again, err2
		}
	}
	if errors.Is(err, delivery.ErrRejected) && len(earlier) == 0 {
		n.forget(to.Address())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		n.heard = n.cfg.Now()
	} else {
		n.heard = time.Time{}
	}
	return r, err
}

// fresh is how long Slack counts as being there after an answer.
const fresh = time.Minute

// there reports whether Slack has answered a moment ago. Where it has not, the room is
// asked for before anything is posted: a reading call that fails puts no message in doubt,
// a post that fails does. An outage of all of Slack would hold a message, which cannot be
// looked for either, until its deadline, while the else channel is free.
func (n *Notifier) there() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	since := n.cfg.Now().Sub(n.heard)
	return since >= 0 && since < fresh
}

// post makes one message. Its errors are classified.
func (n *Notifier) post(ctx context.Context, m map[string]any) (delivery.Receipt, error) {
	var out struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	}
	if err := n.call(ctx, "chat.postMessage", m, &out); err != nil {
		return delivery.Receipt{}, classify(err, true)
	}
	if !isID(out.Channel) {
		out.Channel, _ = m["channel"].(string)
	}
	if !isStamp(out.TS) {
		// The message was posted, but its replies need its stamp, and whoever reconciles finds it.
		return delivery.Receipt{}, errors.New("slack chat.postMessage: the answer has no ts, so the message may have been posted")
	}
	return delivery.Receipt{Channel: out.Channel, ID: out.TS, At: n.cfg.Now()}, nil
}

// isID recognises the id of a channel or member. Receipts are stored and shown, so
// nothing else that a server wrote may become one.
func isID(s string) bool { return id.MatchString(s) }

// isStamp recognises the ts of a message.
func isStamp(s string) bool { return stamped.MatchString(s) }

var (
	id      = regexp.MustCompile(`^[A-Z0-9]{1,32}$`)
	stamped = regexp.MustCompile(`^[0-9]{1,16}(\.[0-9]{1,12})?$`)
)
