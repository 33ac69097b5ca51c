package slack

import (
	"context"
	"errors"
	"strings"

	"github.com/pipetidy/pipetidy/delivery"
)

// room finds the channel of the direct messages with the person at that
// address. Nothing is posted, so a failure may be tried again unless Slack refuses.
func (n *Notifier) room(ctx context.Context, email string) (string, error) {
	n.mu.Lock()
	room, ok := n.rooms[email]
	n.mu.Unlock()
	if ok {
		return room, nil
	}
	user, err := n.user(ctx, email)
	if err != nil {
		return "", err
	}
	var opened struct {
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if err := n.call(ctx, "conversations.open", map[string]any{"users": user}, &opened); err != nil {
		return "", classify(err, false)
	}
	if !isID(opened.Channel.ID) {
		return "", &delivery.RetryError{Err: errors.New("slack conversations.open: the answer has no channel")}
	}
	n.mu.Lock()
	n.rooms[email] = opened.Channel.ID
	n.heard = n.cfg.Now()
	n.mu.Unlock()
	return opened.Channel.ID, nil
}

// user finds the member id of the person with that email.
func (n *Notifier) user(ctx context.Context, email string) (string, error) {
	if id := n.cfg.Users[strings.ToLower(email)]; id != "" {
		return id, nil
	}
	var found struct {
		User struct {
			ID      string `json:"id"`
			Deleted bool   `json:"deleted"`
		} `json:"user"`
	}
	if err := n.call(ctx, "users.lookupByEmail", form{"email": email}, &found); err != nil {
		return "", classify(err, false)
	}
	if found.User.Deleted {
		return "", rejected(delivery.BlameRecipient, errors.New("slack: the account with this email is deactivated; take the person out of the configuration"))
	}
	if !isID(found.User.ID) {
		return "", &delivery.RetryError{Err: errors.New("slack users.lookupByEmail: the answer has no member")}
	}
	return found.User.ID, nil
}

func (n *Notifier) forget(email string) {
	n.mu.Lock()
	delete(n.rooms, email)
	n.mu.Unlock()
}
