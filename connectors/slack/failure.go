package slack

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// failure is a call that did not succeed; classify decides what a failure means.
type failure struct {
	Method  string
	Status  int    // HTTP status, 0 without an answer
	Code    string // Slack's word, "" when the answer was no JSON
	Needed  string // the missing scope
	Detail  []string
	After   time.Duration
	NotSent bool
	err     error
}

// Error names the method and Slack's word, and ends in what to do.
func (f *failure) Error() string {
	s := "slack " + f.Method
	switch {
	case f.Code != "":
		s += ": " + f.Code
	case f.err != nil:
		s += ": " + f.err.Error()
	default:
		s += fmt.Sprintf(": HTTP %d without an answer from Slack's API", f.Status)
	}
	if f.Needed != "" {
		s += " (" + f.Needed + ")"
	}
	if len(f.Detail) > 0 {
		s += "; " + plain.Clip(strings.Join(f.Detail, "; "), 500)
	}
	if h := hints[f.Code]; h != "" {
		s += "; " + h
	}
	return s
}

func (f *failure) Unwrap() error { return f.err }

// class is what a code of Slack's means for a message.
type class byte

const (
	other       class = iota
	retry             // not posted; later it may be
	open              // may have been posted
	workspace         // nothing can be posted with this token
	destination       // this person cannot be posted to
	content           // our message is wrong
)

// classes of the codes, after the error tables of chat.postMessage,
// conversations.open and users.lookupByEmail.
var classes = map[string]class{
	"ratelimited": retry, "rate_limited": retry, "request_timeout": retry,
	"team_added_to_org": retry, "org_login_required": retry,

	// Slack documents that part of the operation may have succeeded, or says only that it
	// gave up on the way.
	"service_unavailable": open, "fatal_error": open, "internal_error": open, "update_failed": open,

	"invalid_auth": workspace, "not_authed": workspace, "account_inactive": workspace, "token_revoked": workspace,
	"token_expired": workspace, "missing_scope": workspace, "no_permission": workspace, "not_allowed_token_type": workspace,
	"accesslimited": workspace, "access_denied": workspace, "app_access_restricted": workspace, "ekm_access_denied": workspace,
	"enterprise_is_restricted": workspace, "two_factor_setup_required": workspace, "method_deprecated": workspace,
	"deprecated_endpoint": workspace, "messages_tab_disabled": workspace, "message_limit_exceeded": workspace,

	"channel_not_found": destination, "not_in_channel": destination, "is_archived": destination, "user_not_found": destination,
	"users_not_found": destination, "user_disabled": destination, "user_not_visible": destination,
	"cannot_reply_to_message": destination, "thread_not_found": destination, "team_not_found": destination, "cannot_dm_bot": destination,

	"invalid_blocks": content, "invalid_blocks_format": content, "msg_blocks_too_long": content, "msg_too_long": content,
	"no_text": content, "too_many_attachments": content, "attachment_payload_limit_exceeded": content,
	"invalid_attachments": content, "invalid_arguments": content, "invalid_form_data": content, "invalid_post_type": content,
	"invalid_json": content, "json_not_object": content, "markdown_text_conflict": content,
}

// hints say what an operator can do.
var hints = map[string]string{
	"invalid_auth":           "check notify.slack.token",
	"not_authed":             "check notify.slack.token",
	"account_inactive":       "the app or its user was removed; install the app again and put its new token into notify.slack.token",
	"token_revoked":          "install the app again and put its new token into notify.slack.token",
	"token_expired":          "turn token rotation off for the app, and put its bot token into notify.slack.token",
	"missing_scope":          "add the scope to the app and install it again",
	"not_allowed_token_type": "notify.slack.token must be a bot token (xoxb-…)",
	"messages_tab_disabled":  "switch on the Messages tab in the app's App Home",
	"message_limit_exceeded": "the workspace has reached the message limit of its plan; ask the workspace's owner",
	"users_not_found":        "nobody in the workspace has this email; a person who is there under another one gets a slack id under people",
	"user_not_found":         "nobody in the workspace has this member id; correct the id under people",
	"channel_not_found":      "the app is not in the channel, or the channel does not exist; invite the app to the channel",
	"not_in_channel":         "invite the app to the channel",
	"is_archived":            "the channel is archived; unarchive the channel",
	"user_disabled":          "the account is deactivated; take the person out of the configuration",
	"team_not_found":         "use the id of the channel, not its name",
}

// class returns the class of the failure's code.
func (f *failure) class() class {
	switch {
	case strings.HasPrefix(f.Code, "restricted_action"):
		return destination
	case strings.HasPrefix(f.Code, "metadata_"), strings.HasPrefix(f.Code, "invalid_metadata"):
		return content
	}
	return classes[f.Code]
}

// content reports whether Slack refused the message for what is in it.
func (f *failure) content() bool {
	return f.class() == content || f.Code == "" && f.Status == http.StatusRequestEntityTooLarge
}

// stale reports whether another token may help.
func (f *failure) stale() bool {
	return slices.Contains([]string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}, f.Code)
}

// classify turns the error of a call into an error that the outbox understands. posting
// says that the call posts a message, so an answer that never came leaves open whether
// the message arrived.
func classify(err error, posting bool) error {
	var f *failure
	if !errors.As(err, &f) {
		return err // the error says already that nothing was sent
	}
	again := &delivery.RetryError{After: f.After, Silent: f.NotSent, Err: f}
	if f.Code == "" {
		return f.bare(posting, again)
	}
	switch f.class() {
	case retry:
		return again
	case open:
		if posting {
			return f
		}
		return again
	case workspace:
		return rejected(delivery.BlameChannel, f)
	case content:
		return rejected(delivery.BlameContent, f)
	}
	if f.class() == other {
		// Nothing was posted. A word that Slack has not documented is of its moment.
		return again
	}
	gone := f.Code == "users_not_found" || f.Code == "user_not_found" || f.Code == "user_disabled"
	return &delivery.RejectedError{Blame: delivery.BlameRecipient, NoAddress: gone, Err: f}
}

func rejected(b delivery.Blame, err error) error { return &delivery.RejectedError{Blame: b, Err: err} }

// bare decides about a call without an answer of the API: there was no answer, or a
// page of a proxy.
func (f *failure) bare(posting bool, again error) error {
	switch {
	case f.NotSent:
		return again
	case f.Status == http.StatusRequestTimeout:
		// As 503, from whatever stands in between: Slack may have had the request.
		if posting {
			return f
		}
		return again
	case f.Status == http.StatusRequestEntityTooLarge:
		return rejected(delivery.BlameContent, f)
	case f.Status >= 300 && f.Status < 500:
		return rejected(delivery.BlameChannel, fmt.Errorf("%w; check notify.slack.url and the proxies between this machine and Slack", f))
	case posting:
		return f
	}
	return again
}

// code keeps of an answer's code the characters that a code may have.
func code(s string) string {
	return plain.Clip(strings.Map(func(r rune) rune {
		if r == '_' || r == ':' || r == ',' || r == '.' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s), 80)
}
