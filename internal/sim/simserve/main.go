// Command simserve serves the simulated company on loopback until its standard
// input ends, for judging it by hand or with another client. It prints one line
// of JSON that says where everything is. Lines on standard input are commands:
// "expire" ends all Salesforce sessions and HubSpot's OAuth tokens, "advance 24h"
// lets the company live, "import 12000" makes that many HubSpot deals in one
// millisecond, "links 2" lets HubSpot tell two associations of a record at a time.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
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
	config := flag.String("config", "", "write a pipetidy.yaml to this file, its data beside it")
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
		if err := obey(c, word, arg); err != nil {
			fmt.Fprintf(os.Stderr, "simserve: %s: %v\n", word, err)
			continue
		}
		fmt.Println(`{"done":"` + word + `"}`)
	}
	return s.Close()
}

func obey(c *sim.Company, word, arg string) error {
	switch word {
	case "expire":
		c.Salesforce().ExpireSessions()
		c.HubSpot().ExpireTokens()
	case "advance":
		d, err := time.ParseDuration(arg)
		if err != nil {
			return err
		}
		c.Advance(c.Now().Add(d))
	case "import":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		rows := make([]map[string]string, n)
		for i := range rows {
			rows[i] = map[string]string{"dealname": "Imported " + strconv.Itoa(i), "pipeline": "default", "dealstage": "qualifiedtobuy"}
		}
		_, err = c.HubSpot().Import("deals", time.Time{}, rows)
		return err
	case "links":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		c.HubSpot().Set(func(o *sim.HubSpotOptions) { o.AssociationPage = n })
	}
	return nil
}

func writeConfig(s *sim.Servers, path string) error {
	yaml, err := s.Config(path + ".data")
	if err != nil {
		return err
	}
	return os.WriteFile(path, yaml, 0o600)
}
