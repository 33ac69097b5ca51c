package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// These tests try what a service manager sees: real processes, their exit codes and
// their signals.

// plant is a directory with a configuration for an invented company.
type plant struct {
	t       *testing.T
	dir     string
	servers *sim.Servers
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	company := sim.New(sim.Options{Deals: 40})
	servers, err := sim.Serve(t.Context(), company, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	p := &plant{t: t, dir: t.TempDir(), servers: servers}
	clock, err := company.Now().MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	yaml, err := servers.Config(p.path("data"))
	if err != nil {
		t.Fatal(err)
	}
	p.write(".clock", clock)
	p.write("pipetidy.yaml", yaml)
	return p
}

func (p *plant) path(elem ...string) string {
	return filepath.Join(append([]string{p.dir}, elem...)...)
}

func (p *plant) write(name string, b []byte) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// listen chooses a port for http.listen and returns the address. The port is below those that
// a system gives to whoever asks for any, so no test that runs beside takes it meanwhile.
func (p *plant) listen() string {
	p.t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000)))
	for range 100 {
		if err == nil {
			break
		}
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000)))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	b, err := os.ReadFile(p.path("pipetidy.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("pipetidy.yaml", bytes.Replace(b, []byte("127.0.0.1:0"), []byte(addr), 1))
	return addr
}

// command is pipetidy with arguments, which runs under a limit of the shell where limit is
// not empty.
func (p *plant) command(limit string, args ...string) *exec.Cmd {
	line := []string{"-c", `exec pipetidy "$@"`, "sh"}
	if limit != "" {
		line[1] = limit + "; " + line[1]
	}
	cmd := exec.CommandContext(p.t.Context(), "sh", append(line, args...)...)
	cmd.Dir = p.dir
	// Nothing else of this environment: whoever runs the tests may have configured Pipetidy.
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	if limit == "" { // the clock of the test cannot live with limits
		cmd.Env = append(cmd.Env, clockFile+"="+p.path(".clock"))
	}
	return cmd
}

// run runs a command to its end, and returns what it printed and its exit code.
func (p *plant) run(args ...string) (printed string, code int) {
	p.t.Helper()
	b, err := p.command("", args...).CombinedOutput()
	return string(b), codeOf(p.t, err)
}

// process is a running daemon.
type process struct {
	*exec.Cmd
	log   *journalled
	ended chan error
}

// journalled is a log that can be read while it is written.
type journalled struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journalled) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journalled) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// start starts the daemon; stderr nil is a log that is read.
func (p *plant) start(limit string, stderr *os.File) *process {
	p.t.Helper()
	d := &process{Cmd: p.command(limit, daemonName), log: &journalled{}, ended: make(chan error, 1)}
	d.Stderr = d.log
	if stderr != nil {
		d.Stderr = stderr
	}
	if err := d.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { d.ended <- d.Wait() }()
	p.t.Cleanup(func() { _ = d.Process.Kill() })
	return d
}

// end waits until the daemon has ended, and returns its exit code; -1 is a signal.
func (d *process) end(t *testing.T) int {
	t.Helper()
	select {
	case err := <-d.ended:
		return codeOf(t, err)
	case <-time.After(60 * time.Second):
		t.Fatalf("the daemon does not end; its log is\n%s", d.log)
		return 0
	}
}

// stop asks the daemon to stop.
func (d *process) stop(t *testing.T) int {
	t.Helper()
	if err := d.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return d.end(t)
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	if ee, ok := errors.AsType[*exec.ExitError](err); ok {
		return ee.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// until waits until ok holds.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// answering reports whether somebody listens.
func answering(network, address string) func() bool {
	return func() bool {
		conn, err := net.Dial(network, address)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
}

// TestRunExitsForAServiceManager: 78 says that only a person helps, and 2 is left to
// crashes.
func TestRunExitsForAServiceManager(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	for _, args := range [][]string{
		{"run", "--colour"}, {"run", "now"}, {"run", "--config", "absent.yaml"},
	} {
		if out, code := p.run(args...); code != api.ExitConfig {
			t.Errorf("%q ends with %d, want %d: %s", args, code, api.ExitConfig, out)
		}
	}
	if out, code := p.run("status", "--colour"); code != api.ExitUsage {
		t.Errorf("status with a wrong flag ends with %d: %s", code, out)
	}
	if out, code := p.run("status"); code != api.ExitOK {
		t.Fatalf("status ends with %d: %s", code, out)
	}
	id, err := os.ReadFile(p.path("data", "db.id"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("data/db.id", bytes.Replace(id, []byte(`"schema": 1`), []byte(`"schema": 7`), 1))
	if out, code := p.run("run"); code != api.ExitConfig || !strings.Contains(out, "newer version of pipetidy") {
		t.Errorf("newer files: run ends with %d, want %d: %s", code, api.ExitConfig, out)
	}
}

// TestFilesThatTheDiskDoesNotGive: a file that the system cannot read at this moment is no
// mistake of the configuration, whichever of its files it is.
func TestFilesThatTheDiskDoesNotGive(t *testing.T) {
	t.Parallel()
	const bad = "/proc/self/mem" // reading it is an input/output error
	p := newPlant(t)
	yaml, err := os.ReadFile(p.path("pipetidy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	people := bytes.Replace(yaml, []byte("teams:"), []byte("people: {file: "+bad+"}\nteams:"), 1)
	if bytes.Equal(people, yaml) {
		t.Fatal("the configuration has no teams")
	}
	p.write("people.yaml", people)
	for _, args := range [][]string{
		{"status", "--config", bad}, {"run", "--config", bad}, {"config", "check", "--config", bad},
		{"status", "--config", "people.yaml"}, {"run", "--config", "people.yaml"}, {"config", "check", "--config", "people.yaml"},
	} {
		if out, code := p.run(args...); code != api.ExitIO || !strings.Contains(out, "input/output error") {
			t.Errorf("%q ends with %d, want %d: %s", args, code, api.ExitIO, out)
		}
	}
}

// TestRunWithoutRoom: a machine that lacks room or descriptors for the moment ends the
// daemon with 74 or not at all, so that a service manager starts it again.
func TestRunWithoutRoom(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	if d := p.start("ulimit -f 8", nil); d.end(t) != api.ExitIO {
		t.Errorf("no room on the disk: %d, want %d\n%s", d.ProcessState.ExitCode(), api.ExitIO, d.log)
	}
	for _, n := range []int{5, 7, 8, 9, 10, 11, 12, 14} {
		p := newPlant(t)
		d := p.start(fmt.Sprintf("ulimit -n %d", n), nil)
		var code int
		select {
		case err := <-d.ended:
			code = codeOf(t, err)
		case <-time.After(3 * time.Second):
			code = d.stop(t)
		}
		// With less than the runtime requires, the runtime ends the process itself.
		if code != api.ExitIO && code != api.ExitOK && !(code == 2 && strings.Contains(d.log.String(), "runtime: ")) {
			t.Errorf("%d descriptors: %d, want %d or a daemon that goes on\n%s", n, code, api.ExitIO, d.log)
		}
	}
}

// TestRunOnATruncatedCache: the fault is a crash, and the next start mends it.
func TestRunOnATruncatedCache(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	if out, code := p.run("sync"); code != api.ExitOK {
		t.Fatalf("sync: %d %s", code, out)
	}
	d := p.start("", nil)
	until(t, "the daemon answers", answering("unix", p.path("data", "pipetidy.sock")))
	if err := os.Truncate(p.path("data", "cache.db"), 2*4096); err != nil {
		t.Fatal(err)
	}
	// The export touches what is gone, unless the daemon did so first. Then the export opens
	// the files itself.
	export, _ := p.run("export", "opportunities")
	if code := d.end(t); code != 2 {
		t.Errorf("ends with %d, want 2, which is a crash of a Go program\n%s", code, d.log)
	}
	d = p.start("", nil)
	until(t, "the cache is read again", func() bool { return strings.Contains(d.log.String(), "evaluated") })
	if !strings.Contains(d.log.String()+export, "the cache was damaged") {
		t.Errorf("no word about the cache:\n%s", d.log)
	}
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("stops with %d", code)
	}
	unit, err := os.ReadFile("../../deploy/pipetidy.service")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(unit, []byte("\nRestart=on-failure\n")) || !bytes.Contains(unit, []byte("\nRestartPreventExitStatus=78\n")) {
		t.Error("the unit has to start the daemon again after every failure but 78")
	}
}

// TestRunWithAShutDoor: digests are worth more than answers.
func TestRunWithAShutDoor(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	addr := p.listen()
	taken, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	d := p.start("", nil)
	socket := p.path("data", "pipetidy.sock")
	until(t, "the daemon answers", answering("unix", socket))
	for _, want := range []string{"http.listen " + addr, "address already in use", "choose another one"} {
		out, code := p.run("status", "-o", "json")
		if code != api.ExitOK || !strings.Contains(out, want) {
			t.Errorf("status ends with %d and does not say %q:\n%s", code, want, out)
		}
		if !strings.Contains(d.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("stops with %d\n%s", code, d.log)
	}

	// The path of the control socket is taken by something that we did not make.
	_ = taken.Close()
	if err := os.MkdirAll(filepath.Join(socket, "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	d = p.start("", nil)
	until(t, "the address is answered", answering("tcp", addr))
	body, code := httpGet(t, "http://"+addr+"/readyz")
	if code != 503 || !strings.Contains(body, "control socket") {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("stops with %d\n%s", code, d.log)
	}
	if _, err := os.Stat(filepath.Join(socket, "mine")); err != nil {
		t.Error(err)
	}
}

// TestRunOutlivesTheReaderOfItsLog: a closed pipe on stderr ends most Go programs.
func TestRunOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d := p.start("", w)
	_ = w.Close()
	until(t, "the daemon answers", answering("unix", p.path("data", "pipetidy.sock")))
	_ = r.Close()
	if err := d.Process.Signal(syscall.SIGHUP); err != nil { // which the daemon logs
		t.Fatal(err)
	}
	if out, code := p.run("sync"); code != api.ExitOK {
		t.Errorf("sync through the daemon: %d %s", code, out)
	}
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("ends with %d", code)
	}
}

// TestRunWithAStuckReaderOfItsLog: a pipe that is full and that nobody reads.
func TestRunWithAStuckReaderOfItsLog(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	addr := p.listen()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = w.Write(make([]byte, 4096))
	}
	d := p.start("", w)
	until(t, "the address is answered", answering("tcp", addr))
	if out, code := p.run("sync"); code != api.ExitOK {
		t.Errorf("sync: %d %s", code, out)
	}
	if out, code := p.run("status"); code != api.ExitOK {
		t.Errorf("status: %d %s", code, out)
	}
	until(t, "the daemon is ready", func() bool { _, code := httpGet(t, "http://"+addr+"/readyz"); return code == 200 })
	begin := time.Now()
	if code := d.stop(t); code != api.ExitOK || time.Since(begin) > 30*time.Second {
		t.Errorf("ends with %d after %s", code, time.Since(begin))
	}
}

// TestCommandsOfAStoppedDaemon: the socket of a process that is stopped still takes
// requests.
func TestCommandsOfAStoppedDaemon(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	d := p.start("", nil)
	until(t, "the daemon answers", answering("unix", p.path("data", "pipetidy.sock")))
	if err := d.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, args := range [][]string{{"status"}, {"check"}, {"sync"}, {"export", "users"}, {"digest", "send", "manager-daily"}} {
		wg.Go(func() {
			if out, code := p.run(args...); code != api.ExitInUse || !strings.Contains(out, "does not answer") {
				t.Errorf("%q ends with %d: %s", args, code, out)
			}
		})
	}
	wg.Wait()
	if err := d.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if out, code := p.run("status"); code != api.ExitOK {
		t.Errorf("status of a daemon that goes on: %d %s", code, out)
	}
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("stops with %d\n%s", code, d.log)
	}
}

// TestRunIsReadyAgainAfterAFullDisk: nothing is asked of the daemon after the disk has
// room again.
func TestRunIsReadyAgainAfterAFullDisk(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	addr := p.listen()
	d := p.start("", nil)
	until(t, "the daemon has synced", func() bool { return strings.Contains(d.log.String(), `"msg":"evaluated"`) })
	ready := func() bool { _, code := httpGet(t, "http://"+addr+"/readyz"); return code == 200 }
	until(t, "the daemon is ready", ready)
	limit := func(n uint64) {
		if err := unix.Prlimit(d.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: n, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Fatal(err)
		}
	}
	limit(8192)
	if out, code := p.run("sync", "--full"); code != api.ExitIO {
		t.Errorf("sync without room ends with %d: %s", code, out)
	}
	if ready() {
		t.Error("ready without room")
	}
	limit(unix.RLIM_INFINITY)
	until(t, "the daemon is ready again", ready)
	if code := d.stop(t); code != api.ExitOK {
		t.Errorf("stops with %d\n%s", code, d.log)
	}
	if left, _ := filepath.Glob(p.path("data", "*.new")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func httpGet(t *testing.T, url string) (body string, code int) {
	t.Helper()
	c, err := net.Dial("tcp", strings.Split(url, "/")[2])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path := "/" + strings.SplitN(url, "/", 4)[3]
	fmt.Fprintf(c, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path)
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(b), "HTTP/1.0 %d", &code); err != nil {
		t.Fatal(err)
	}
	_, body, _ = strings.Cut(string(b), "\r\n\r\n")
	return body, code
}
