package connectors

import "path/filepath"

// Path is the path of a file or directory as the configuration names it:
// absolute, or relative to the directory of the configuration file. Every key
// that takes a path has this type or is a secret, so that no path depends on
// where the program was started.
type Path string

// Takes says how it is written.
func (Path) Takes() string { return "a path" }

// Resolve makes the path absolute, relative to dir. It may be called again.
func (p *Path) Resolve(dir string) {
	switch path := string(*p); {
	case path == "":
	case filepath.IsAbs(path):
		*p = Path(filepath.Clean(path))
	default:
		*p = Path(filepath.Join(dir, path))
	}
}
