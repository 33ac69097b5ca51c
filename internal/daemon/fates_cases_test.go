package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// fate is one case.
type fate struct {
	name string
	want expected
	set  func(*fates)
}

// fatesOf lists the cases: each step of each channel with each thing that can happen to
// it, each write to disk with a kill or a step of the clock.
func fatesOf(codes []string) []fate {
	var out []fate
	for _, step := range []struct {
		method string
		nth    int
	}{{"users.lookupByEmail", 0}, {"users.lookupByEmail", 1}, {"conversations.open", 0}, {"chat.postMessage", 0}, {"chat.postMessage", 1}, {"chat.postMessage", 2}} {
		for _, a := range slackActions(codes) {
			for _, until := range []time.Duration{0, 40 * time.Minute} {
				if until > 0 && a.slow > 0 {
					continue
				}
				out = append(out, fate{
					fmt.Sprintf("slack %s %d: %s, for %s", step.method, step.nth, a.name, until), expected{late: a.slow > 10*time.Minute},
					func(x *fates) {
						x.slack.fates, x.down = []*mishap{{method: step.method, nth: step.nth, until: until, do: a.do}}, 10*time.Second
					},
				})
			}
		}
	}
	// A post ends in doubt, and the question whether it arrived goes wrong.
	for _, part := range []int{0, 1} {
		method := []string{"conversations.history", "conversations.replies"}[part]
		for _, carried := range []bool{false, true} {
			doubt := func(_ *workspace, _ *http.Request, carry func() *http.Response) (*http.Response, error) {
				if carried {
					carry()
				}
				return saying(503, "<html>busy</html>"), nil
			}
			for _, a := range slackActions(codes) {
				if a.slow > 0 || strings.Contains(a.name, "carried out") {
					continue // asking changes nothing
				}
				for _, until := range []time.Duration{0, 40 * time.Minute} {
					out = append(out, fate{
						fmt.Sprintf("slack chat.postMessage %d: 503, carried out %v; %s: %s, for %s", part, carried, method, a.name, until),
						expected{blind: a.name == "missing_scope"},
						func(x *fates) {
							x.slack.fates, x.down = []*mishap{{method: "chat.postMessage", nth: part, do: doubt}, {method: method, until: until, do: a.do}}, 10*time.Second
						},
					})
				}
			}
		}
	}
	for _, s := range slips() {
		for _, nth := range []int{0} {
			for _, until := range []time.Duration{0, 40 * time.Minute} {
				out = append(out, fate{fmt.Sprintf("mail %s %d: %s %q, for %s", s.step, nth, s.how, s.reply, until), expected{}, func(x *fates) {
					f := s
					f.nth, f.until = nth, until
					x.mail.fault, x.down, x.ofMail = &f, 10*time.Second, true
				}})
			}
		}
	}
	for n := range 30 {
		for _, down := range []time.Duration{time.Second, 20 * time.Minute} {
			out = append(out, fate{fmt.Sprintf("killed before write %d, down for %s", n, down), expected{}, func(x *fates) {
				x.down = down
				x.store.before = func(i int) {
					if i == n {
						x.kill()
					}
				}
			}}, fate{fmt.Sprintf("killed after write %d, down for %s", n, down), expected{}, func(x *fates) {
				x.down = down
				x.store.after = func(i int) {
					if i == n {
						x.kill()
					}
				}
			}})
		}
		for _, step := range []time.Duration{-25 * time.Hour, -time.Hour, -time.Minute, time.Minute, time.Hour} {
			out = append(out, fate{fmt.Sprintf("the clock is set by %s before write %d", step, n), expected{}, func(x *fates) {
				x.store.before = func(i int) {
					if i == n {
						x.offset.Add(int64(step))
					}
				}
			}})
		}
	}
	return out
}

// slackCodes are words that Slack documents as errors, and one that nobody has heard of.
var slackCodes = []string{
	"ratelimited", "request_timeout", "team_added_to_org", "service_unavailable", "fatal_error", "internal_error", "invalid_auth", "token_revoked", "token_expired",
	"account_inactive", "missing_scope", "access_denied", "ekm_access_denied", "messages_tab_disabled", "message_limit_exceeded", "channel_not_found", "is_archived",
	"users_not_found", "user_disabled", "restricted_action", "invalid_blocks", "msg_too_long", "nobody_has_heard_of_this",
}
