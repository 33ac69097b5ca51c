package secret

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// guarded reports whether somebody else keeps the file from strangers, so that
// its own mode says nothing: systemd credentials are mode 0440 in a directory of
// the unit alone, and Kubernetes projects secrets with group bits for fsGroup.
func guarded(path string) bool {
	return under(os.Getenv("CREDENTIALS_DIRECTORY"), path) || projected(path)
}

// under reports whether path lies in dir, symbolic links resolved: a link that
// leads out of the directory is not guarded by it.
func under(dir, path string) bool {
	if !filepath.IsAbs(dir) {
		return false
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel) && rel != "."
}

// projected reports whether path belongs to a Kubernetes projected volume:
// either it names the ..data directory itself, or it is one of the links that
// the kubelet makes into it.
func projected(path string) bool {
	if slices.Contains(strings.Split(filepath.ToSlash(path), "/"), "..data") {
		return true
	}
	target, err := os.Readlink(path)
	return err == nil && strings.HasPrefix(filepath.ToSlash(target), "..data/")
}
