package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/daemon"
)

// sourceLine says how far the data of a source can be trusted.
func sourceLine(s *daemon.CheckSource, zone *time.Location) string {
	switch {
	case !s.Complete && s.Withheld != "":
		return fmt.Sprintf("%s (%s): incomplete: %s", plain(s.Name), plain(s.Type), plain(s.Withheld))
	case !s.Complete:
		return fmt.Sprintf("%s (%s): incomplete", plain(s.Name), plain(s.Type))
	case s.Withheld != "":
		return fmt.Sprintf("%s (%s): withheld: %s", plain(s.Name), plain(s.Type), plain(s.Withheld))
	}
	return fmt.Sprintf("%s (%s): complete as of %s", plain(s.Name), plain(s.Type), moment(s.AsOf, zone))
}

// noVerdict is the error of a command whose answer rests on sources that are
// incomplete or withheld; nil when all can be trusted.
func noVerdict(sources []daemon.CheckSource) error {
	var why []string
	for i := range sources {
		s := &sources[i]
		switch {
		case s.Withheld != "":
			why = append(why, fmt.Sprintf("source %q: %s", s.Name, s.Withheld))
		case !s.Complete:
			why = append(why, fmt.Sprintf("source %q has not been read completely", s.Name))
		}
	}
	if len(why) == 0 {
		return nil
	}
	return fail(daemon.ExitNoVerdict, "no verdict: %s; run \"pipetidy sync\", then try again, or see \"pipetidy status\"", strings.Join(why, "; "))
}

func printSources(w io.Writer, sources []daemon.CheckSource, zone *time.Location) {
	for i := range sources {
		_, _ = fmt.Fprintln(w, sourceLine(&sources[i], zone)) // output remembers its error
	}
}
