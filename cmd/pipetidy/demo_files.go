package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// facts are what the digests of a morning are about, for whoever checks them against it.
type facts struct {
	Date     string             `json:"date"`
	Findings []api.CheckFinding `json:"findings"` // as `pipetidy check -o json` prints them
	Deals    []sim.BookDeal     `json:"deals"`    // as the CRMs have them
}

// keep writes the digests of this morning and what they are about into a folder of the
// day, and returns the folder.
func (s *show) keep(found []api.CheckFinding, all []api.Preview) (string, error) {
	day := s.company.Now().In(s.client.zone).Format(time.DateOnly)
	dir := filepath.Join(s.out, day)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fail(api.ExitIO, "demo: %w", err)
	}
	known, err := json.MarshalIndent(facts{day, found, s.company.Book()}, "", " ")
	if err != nil {
		return "", err
	}
	files := map[string][]byte{"facts.json": known}
	for i := range all {
		p := &all[i]
		files[fileOf(p)+".txt"] = []byte(p.Subject + "\n\n" + p.Text)
		files[fileOf(p)+".html"] = []byte(unlinked(p.HTML))
		if p.Channel == "slack" {
			files[fileOf(p)+".slack.json"] = slackLink.ReplaceAll([]byte(p.Slack), []byte("$1"))
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", fail(api.ExitIO, "demo: %w", err)
		}
	}
	return dir, nil
}

// fileOf is the name of a digest's files, without what they end in: a manager's after the
// team, a rep's after the rep.
func fileOf(p *api.Preview) string {
	whose := p.Team
	if p.Digest == demoRepDigest {
		whose, _, _ = strings.Cut(p.Recipient, "@")
	}
	return p.Digest + "-" + strings.ToLower(whose)
}

// link matches how an e-mail links a name; its second part is what the name looks like
// besides.
var link = regexp.MustCompile(`<a href="[^"]*" style="color:[^;"]*;text-decoration:underline;([^"]*)">`)

// slackLink matches a link in the blocks of a message, as JSON may write it.
var slackLink = regexp.MustCompile(`(?:<|\\u003c)https?://[^|"]*\|([^>"]*?)(?:>|\\u003e)`)

// unlinked writes the names of deals as words: a link of the demo would lead to a
// server that has ended, or to the real HubSpot.
func unlinked(html string) string {
	return strings.ReplaceAll(link.ReplaceAllString(html, `<span style="$1">`), "</a>", "</span>")
}
