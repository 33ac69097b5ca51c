package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// TestGoldenRender runs commands against canned answers of the control API. A case is
// a file: the command line in "args", an answer per "METHOD PATH" (the request's
// body, where "request" gives one, has to match), and what has to come out.
func TestGoldenRender(t *testing.T) {
	files, err := filepath.Glob("testdata/render/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { renderCase(t, file) })
	}
}

func renderCase(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]string{}
	for _, f := range ar.Files {
		in[f.Name] = string(f.Data)
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if want, ok := in["request"]; ok && len(body) > 0 && strings.TrimSpace(want) != string(body) {
			t.Errorf("%s: request is %s, want %s", r.URL, body, want)
		}
		status, answer := http.StatusOK, in[r.Method+" "+r.URL.RequestURI()]
		if answer == "" {
			status, answer = http.StatusInternalServerError, in["refuse "+r.Method+" "+r.URL.RequestURI()]
		}
		if answer == "" {
			t.Errorf("unexpected request: %s %s", r.Method, r.URL.RequestURI())
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
	var out, errs strings.Builder
	a := &app{out: &out, err: &errs, getenv: func(string) string { return "" }, now: time.Now}
	a.dial = func(context.Context) (*client, error) {
		c, stop := inProcess(h)
		return &client{Client: &api.Client{HTTP: c}, zone: time.FixedZone("PST", -8*3600), close: stop}, nil
	}
	code := a.main(t.Context(), strings.Fields(in["args"]))
	golden.Section(t, file, "stdout", out.String())
	golden.Section(t, file, "stderr", errs.String())
	golden.Section(t, file, "exit", strconv.Itoa(code)+"\n")
}

// TestStreamsAsItComes proves that a client sees a line before the handler has
// written the next one, and that going away ends the handler.
func TestStreamsAsItComes(t *testing.T) {
	next, ended := make(chan struct{}), make(chan struct{})
	h, stop := inProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		_, _ = io.WriteString(w, "one\n")
		_ = http.NewResponseController(w).Flush()
		<-next
		_, _ = io.WriteString(w, "two\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	c := &api.Client{HTTP: h}
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	err := c.Export(ctx, "users", "", func(line []byte) error {
		got = append(got, string(line))
		if len(got) == 1 {
			close(next)
		} else {
			cancel()
		}
		return nil
	})
	if err == nil || strings.Join(got, " ") != "one two" {
		t.Errorf("got %q, %v; want both lines and the cancellation", got, err)
	}
	<-ended
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{context.Canceled, 1},
		{fail(75, "x"), 75},
		{&api.Error{Message: "x", Exit: 69}, 69},
		{&api.Error{Message: "x"}, 1},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("exitCode(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

// fullDisk fails as a full disk does.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "out", Err: os.ErrInvalid}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	var errs strings.Builder
	a := &app{out: fullDisk{}, err: &errs, getenv: func(string) string { return "" }, now: time.Now}
	if code := a.main(t.Context(), []string{"rules"}); code != api.ExitIO {
		t.Errorf("exit code %d, want %d; stderr %q", code, api.ExitIO, errs.String())
	}
}
