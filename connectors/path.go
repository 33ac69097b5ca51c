package connectors

import "path/filepath"

// Path is the path of a file or directory in the configuration: absolute, or
// relative to the directory of the configuration file. Every key that takes a path
// has this type or is a secret, so no path depends on the directory in which the
// program was started.
type Path string

// Takes says how the configuration writes a path.
func (Path) Takes() string { return "a path" }

// Resolve makes a relative path absolute: dir is where it begins. An absolute path
// stays, so Resolve may be called twice.
func (p *Path) Resolve(dir string) {
	switch path := string(*p); {
	case path == "":
	case filepath.IsAbs(path):
		*p = Path(filepath.Clean(path))
	default:
		*p = Path(filepath.Join(dir, path))
	}
}
