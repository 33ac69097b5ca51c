package slack

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// DefaultURL is where Slack's API answers.
const DefaultURL = "https://slack.com/api"

// Config holds the settings of a workspace. The fields with a tag are keys of
// notify.slack; the other fields come from the program.
type Config struct {
	// Token is read again when Slack refuses the token in use, so a new token works
	// without a restart.
	Token      secret.Secret `yaml:"token,required" doc:"Bot token of your Slack app (xoxb-…). deploy/slack-app-manifest.yaml makes the app." example:"{env: SLACK_BOT_TOKEN}"`
	URL        string        `yaml:"url" doc:"Address of the Slack API." default:"https://slack.com/api"`
	AllowHosts []string      `yaml:"allow_hosts" doc:"Hosts besides Slack's own that url may name, such as a proxy of yours; the token goes there." example:"[slack-proxy.acme.example]"`

	// Users are the member ids of people whom Slack knows by another address:
	// email → U…. Everybody else is looked up in Slack by email.
	Users map[string]string
	Now   func() time.Time // nil is time.Now
	// PerSecond is how many messages a second are posted at most; 0 is Slack's
	// own 1, a negative value does not limit.
	PerSecond float64
	// HTTP makes the calls; nil makes a new client.
	HTTP *rest.Client
}

// Defaults are the settings without a word of the operator.
func Defaults() *Config { return &Config{URL: DefaultURL} }

// Validate reports mistakes under their keys.
func (c *Config) Validate(report func(key, message string)) {
	if _, err := rest.CheckURL(c.URL); err != nil {
		report("url", err.Error())
	}
	if err := rest.CheckHost(c.URL, "Slack", []string{"slack.com", "slack-gov.com"}, c.AllowHosts); err != nil {
		report("url", err.Error())
	}
}

// Open returns the notifier.
func (c *Config) Open(o connectors.NotifierOptions) (digest.Notifier, error) {
	cfg := *c
	cfg.Users, cfg.HTTP = o.SlackIDs, client(o.UserAgent, nil)
	if o.Unpaced {
		cfg.PerSecond = -1
	}
	return New(cfg)
}

func client(agent string, now func() time.Time) *rest.Client {
	return rest.New(rest.Config{UserAgent: agent, MaxBody: 8 << 20, Timeout: 30 * time.Second, Now: now})
}
