package slack

import (
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// Person is somebody who has an account in the workspace.
type Person struct {
	ID          string // the person's id in another system, at least 15 characters
	Email, Name string
	Zone        string
	Active      bool
}

// SlackUser is the user id of an address, "" for a stranger.
func (s *Workspace) SlackUser(email string) string {
	if p := s.person(email); p != nil {
		return p.userID()
	}
	return ""
}

func (s *Workspace) person(email string) *Person {
	for _, p := range s.c.People() {
		if strings.EqualFold(p.Email, email) {
			return &p
		}
	}
	return nil
}

func (p *Person) userID() string { return "U" + strings.ToUpper(p.ID[3:15]) }

func (s *Workspace) lookup(args arguments) body {
	p := s.person(args["email"])
	if p == nil {
		return refusal("users_not_found")
	}
	_, offset := s.now().In(clock.Location(p.Zone)).Zone()
	return body{"ok": true, "user": map[string]any{"id": p.userID(), "team_id": "T0ACME", "name": strings.SplitN(args["email"], "@", 2)[0], "real_name": p.Name,
		"deleted": !p.Active, "tz": p.Zone, "tz_offset": offset, "is_bot": false, "profile": map[string]any{"email": p.Email, "real_name": p.Name}}}
}

// direct finds or opens the direct message with a user.
func (s *Workspace) direct(user string) (*Channel, string) {
	email := ""
	for _, p := range s.c.People() {
		if p.userID() == user {
			email = p.Email
			if !p.Active {
				return nil, "user_disabled"
			}
		}
	}
	if email == "" {
		return nil, "user_not_found"
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	id := "D" + user[1:]
	if s.channels[id] == nil {
		s.channels[id] = &Channel{ID: id, User: user, Name: email, Private: true}
	}
	return s.channels[id], ""
}

func (s *Workspace) openDM(args arguments) body {
	if args["users"] == "" {
		return refusal("users_list_not_supplied")
	}
	ch, code := s.direct(args["users"])
	if code != "" {
		return refusal(code)
	}
	return body{"ok": true, "no_op": false, "already_open": false, "channel": map[string]any{"id": ch.ID}}
}
