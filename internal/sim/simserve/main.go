// Command simserve serves the simulated company on loopback until standard input
// ends, for looking at the company by hand or with another client. The demo for
// people is `pipetidy demo`. simserve prints one line of JSON with all addresses and
// secrets. Lines on standard input are commands:
//
//	expire           ends all Salesforce sessions and HubSpot's OAuth tokens
//	advance 24h      lets the company live for a day
//	import 12000     makes that many HubSpot deals in one millisecond
//	links 2          lets HubSpot tell two associations of a record at a time
//	authorize        answers with a Salesforce refresh token
//	certificate KEY  takes the public key of the Salesforce app (PKIX, base64) for JWT
//	bulk-page 1000   makes Bulk API result pages that short
//
// Each command is answered with one line of JSON, with the error if the command failed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "simserve:", err)
		os.Exit(1)
	}
}

func run() error {
	var opt sim.Options
	seed := flag.Uint64("seed", 1, "another seed is another company")
	flag.IntVar(&opt.Deals, "deals", 0, "open opportunities (0: 300)")
	flag.IntVar(&opt.Reps, "reps", 0, "reps of team West (0: 9)")
	flag.BoolVar(&opt.Live, "live", false, "the company's clock is the real one")
	flag.BoolVar(&opt.HubSpot, "hubspot", false, "half of the deals live in HubSpot")
	config := flag.String("config", "", "write a pipetidy.yaml to this file, with its data directory beside the file")
	flag.Parse()
	opt.Seed = *seed
	if opt.Live {
		opt.Start = time.Now()
	}
	c := sim.New(opt)
	s, err := sim.Serve(context.Background(), c, sim.ServeOptions{})
	if err != nil {
		return err
	}
	if *config != "" {
		if err := writeConfig(s, *config); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"salesforce": s.SalesforceURL, "client_id": s.ClientID, "client_secret": s.ClientSecret, "hubspot": s.HubSpotURL, "hubspot_token": s.HubSpotToken, "hubspot_oauth": c.HubSpot().Options().OAuth, "slack": s.SlackURL, "slack_token": s.SlackToken,
		"smtp_host": s.SMTPHost, "smtp_port": s.SMTPPort, "now": c.Now(),
	}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		word, arg, _ := strings.Cut(in.Text(), " ")
		reply := map[string]string{"done": word}
		if err := obey(c, word, arg, reply); err != nil {
			reply["error"] = err.Error()
		}
		if err := json.NewEncoder(os.Stdout).Encode(reply); err != nil {
			return err
		}
	}
	return s.Close()
}

func writeConfig(s *sim.Servers, path string) error {
	yaml, err := s.Config(path + ".data")
	if err != nil {
		return err
	}
	return os.WriteFile(path, yaml, 0o600)
}
