package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
)

// sourceLine says how far the data of a source can be trusted.
func sourceLine(s *api.CheckSource, zone *time.Location) string {
	switch {
	case !s.Complete && s.Withheld != "":
		return fmt.Sprintf("%s (%s): incomplete: %s", plain(s.Name), plain(s.Type), plain(s.Withheld))
	case !s.Complete:
		return fmt.Sprintf("%s (%s): incomplete", plain(s.Name), plain(s.Type))
	case s.Withheld != "":
		return fmt.Sprintf("%s (%s): withheld: %s", plain(s.Name), plain(s.Type), plain(s.Withheld))
	}
	line := fmt.Sprintf("%s (%s): complete as of %s", plain(s.Name), plain(s.Type), moment(s.AsOf, zone))
	if s.Skipped > 0 {
		line += "; not judged: " + counted(s.Skipped, "open deal") + " in skipped pipelines"
	}
	if s.Paused > 0 {
		line += "; not counted: " + counted(s.Paused, "parked deal") + " (pipetidy parked)"
	}
	return line
}

// noVerdict is the error of a command whose answer depends on sources that are incomplete
// or withheld; nil when there are none.
func noVerdict(sources []api.CheckSource) error {
	var why, then []string
	for i := range sources {
		s := &sources[i]
		remedy := `run "pipetidy sync", then try again`
		if s.HeldBack {
			remedy = fmt.Sprintf("give the login of %q its permissions back, then run \"pipetidy sync --full --source %s\"", s.Name, s.Name)
		}
		switch {
		case s.Withheld != "":
			why = append(why, fmt.Sprintf("source %q: %s", s.Name, s.Withheld))
		case !s.Complete:
			why = append(why, fmt.Sprintf("source %q has not been read completely", s.Name))
		default:
			continue
		}
		if !slices.Contains(then, remedy) {
			then = append(then, remedy)
		}
	}
	if len(why) == 0 {
		return nil
	}
	return fail(api.ExitNoVerdict, "no verdict: %s; %s, or see \"pipetidy status\"", strings.Join(why, "; "), strings.Join(then, "; "))
}

func printSources(w io.Writer, sources []api.CheckSource, zone *time.Location) {
	for i := range sources {
		_, _ = fmt.Fprintln(w, sourceLine(&sources[i], zone)) // output remembers its error
	}
}
