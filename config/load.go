package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// DefaultPath is the file that is read without --config and $PIPETIDY_CONFIG.
const DefaultPath = "pipetidy.yaml"

// Path says which file holds the configuration: the flag, else
// $PIPETIDY_CONFIG, else ./pipetidy.yaml.
func Path(flag string, getenv func(string) string) string {
	if flag != "" {
		return flag
	}
	if p := getenv("PIPETIDY_CONFIG"); p != "" {
		return p
	}
	return DefaultPath
}

// Problems are all the mistakes of a file, by position.
type Problems = form.Problems //nolint:errname // the name that form gives them

// Load reads the configuration file at path. An error is always [Problems]: all
// mistakes of the file, without any secret that stands in the file. Load does not
// read the secrets that the file refers to: see [Config.CheckSourceSecrets]. What is wrong with
// the files of days off is for [Config.CheckDaysOff] and [Config.CheckLostDaysOff].
func Load(path string) (*Config, error) {
	b, ps := open(path)
	if ps != nil {
		return nil, ps
	}
	return b.config()
}

// config is what has been built, unless a mistake was found.
func (b *builder) config() (*Config, error) {
	if ps := b.form.Problems(); ps != nil {
		return nil, ps
	}
	return b.out, nil
}

// Check is Load, and reports the secrets that cannot be used beside the other mistakes.
func Check(path string) (*Config, error) {
	b, ps := open(path)
	if ps == nil {
		ps = form.Join(b.form.Problems(), b.out.CheckSourceSecrets(), b.out.CheckChannelSecrets(), b.out.CheckDaysOff())
	}
	if len(ps) > 0 {
		return nil, ps
	}
	return b.out, nil
}

// open reads and builds the file at path. Only where it is no YAML document at all do
// problems come back; the builder's form has all others.
func open(path string) (*builder, Problems) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, Problems{{File: path, Message: err.Error(), Cause: err}}
	}
	data, info, err := readFile(path)
	if err != nil {
		return nil, Problems{{File: path, Message: err.Error(), Cause: err}}
	}
	return parseConfig(path, abs, data, info)
}

var (
	errAbsent    = errors.New("there is no such file; name one with --config, or begin with the example in the README")
	errDirectory = errors.New("is a directory; name the file in it with --config")
)

// readFile returns what is in the file, and whose the file is: nil when that says nothing,
// as of a pipe. Whether its owner is trusted is for the caller to ask.
func readFile(path string) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, nil, errAbsent
		case errors.Is(err, os.ErrPermission):
			return nil, nil, errors.New("this user cannot read the file; run pipetidy as the user whose file it is, or give the file to the user that runs pipetidy")
		}
		return nil, nil, fmt.Errorf("cannot be opened: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("cannot be examined: %w", err)
	case info.IsDir():
		return nil, nil, errDirectory
	case !info.Mode().IsRegular():
		info = nil
	}
	data, err := io.ReadAll(io.LimitReader(f, form.MaxSize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot be read: %w", err)
	}
	return data, info, nil
}

// parseConfig builds the bytes of the file at path. info says whose the file is, nil is
// nobody's.
func parseConfig(name, abs string, data []byte, info fs.FileInfo) (*builder, Problems) {
	f := file{DataDir: "./data", Business: businessEntry{Default: hours{hygiene.Hours{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute}}}, Start: startEntry{Shadow: 1, Backlog: 5},
		Attention: attentionEntry{Managers: digest.ManagerNumbers, Reps: digest.RepNumbers, First: first(rank.Money)}, RepFirst: repFirstEntry{Hours: 8}, People: peopleEntry{Grace: usualGrace},
		Park: parkEntry{Once: hygiene.ParkOnce, Most: hygiene.ParkMost, Subject: hygiene.ParkSubject}}
	read, ps := form.File{Name: name, Dir: filepath.Dir(abs), Data: data, Keys: keys}.Read(&f)
	var keeper secret.Keeper
	if ps == nil {
		keeper = secret.KeeperOf(string(f.DataDir))
	}
	if info != nil {
		if err := keeper.Trust(name, info); err != nil {
			return nil, Problems{{File: name, Message: err.Error(), Cause: err}}
		}
		keeper = keeper.Confined(info)
	}
	if ps != nil {
		return nil, ps
	}
	b := &builder{form: read, file: &f, keeper: keeper, out: &Config{Path: abs, form: read}}
	b.build()
	return b, nil
}

// builder turns what the file says into what the program uses, and checks what
// can only be seen across keys. Each section has a file of its own.
type builder struct {
	form   *form.Form
	file   *file
	keeper secret.Keeper // of the data directory
	out    *Config

	ownHolidays []ownHolidays // of people, to be looked up
}

func (b *builder) build() {
	f, c := b.file, b.out
	c.Company = f.Company
	c.Location = f.Timezone.Location
	if c.Location == nil {
		c.Location = time.UTC // the mistake is reported; later checks need a zone
	}
	b.currency()
	if m := f.Fiscal.Starts; m != "" {
		c.Fiscal = time.Month(slices.Index(m.Values(), strings.ToLower(string(m))) + 1)
		if c.Fiscal == 0 {
			b.report("fiscal_year.starts", "%s", form.OneOf(string(m), m.Values()...))
		}
	}
	if f.DataDir == "" {
		b.report("data_dir", "must be the path of a directory")
	}
	c.DataDir = string(f.DataDir)
	b.sources()
	b.people()
	b.teams()
	b.daysOff()
	b.pipelines()
	b.rules()
	b.notify()
	b.rollout()
	b.digests()
	b.escalate()
	b.reach()
	b.http()
	c.keep(b.keeper)
}

// report notes a mistake at path, unless a mistake is noted there already: a value
// that could not be read is not checked as well.
func (b *builder) report(path, format string, args ...any) {
	if !b.form.Wrong(path) {
		b.form.Report(path, format, args...)
	}
}

// detail is report for a member's own checks. A mistake about a key that is not in
// the file is reported at the mapping in which the key is missing.
func (b *builder) detail(path, message string) {
	if b.form.Has(path) {
		b.report(path, "%s", message)
		return
	}
	above, key := path, ""
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		above, key = path[:i], path[i+1:]
	}
	if b.form.Has(above) && !b.form.Wrong(path) {
		b.form.Report(above, "%q %s", key, message)
	}
}
