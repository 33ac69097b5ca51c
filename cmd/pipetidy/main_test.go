package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// waiting runs the tests, most of which wait for other processes and hold no core. A number
// on the command line goes before.
type waiting struct{ *testing.M }

func (w waiting) Run() int {
	_ = flag.Set("test.parallel", strconv.Itoa(max(6, runtime.GOMAXPROCS(0))))
	return w.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(waiting{m}, map[string]func(){
		"pipetidy": func() { os.Exit(execute(scriptClock())) },
	})
}

// clockFile is the environment variable that names the file with the time of a script.
// The company of a script has a time of its own, and the commands that look at the
// company's data have to run at the same time.
const clockFile = "TEST_CLOCK"

func scriptClock() func() time.Time {
	path := os.Getenv(clockFile)
	if path == "" {
		return time.Now
	}
	return func() time.Time {
		var t time.Time
		b, err := os.ReadFile(path)
		if err == nil {
			err = t.UnmarshalText(b)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "test clock:", err)
			os.Exit(99)
		}
		return t
	}
}

// TestGoldenScripts runs every command as an operator types it.
func TestGoldenScripts(t *testing.T) {
	t.Parallel()
	deadline, _ := t.Deadline()
	testscript.RunT(briefT{t}, testscript.Params{
		Deadline:            deadline,
		Dir:                 "testdata",
		UpdateScripts:       golden.Writing(),
		RequireExplicitExec: true,
		Cmds:                scriptCommands,
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			here, err := filepath.Abs("testdata/golden")
			env.Setenv("GOLDEN", here)
			all, on := rules.All(), 0
			for i := range all {
				if !all[i].Off(hygiene.Settings{}) {
					on++
				}
			}
			env.Setenv("RULES", strconv.Itoa(len(all)))
			env.Setenv("RULES_ON", strconv.Itoa(on))
			env.Values[worldKey{}] = new(*world)
			return err
		},
	})
}

// condition knows [root]: the user that runs the tests can give files away.
func condition(word string) (bool, error) {
	if word == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", word)
}

// exits runs a program that has to end with the given code: exits CODE PROGRAM [ARGS…].
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if ee, ok := errors.AsType[*exec.ExitError](err); ok {
		code = ee.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
