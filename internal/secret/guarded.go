package secret

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// guarded reports whether systemd or Kubernetes keeps the file from others, so that the
// mode of the file says nothing: systemd credentials have mode 0440 in a directory that
// only the unit can enter, and Kubernetes sets group bits for fsGroup.
func guarded(path string) bool {
	return under(os.Getenv("CREDENTIALS_DIRECTORY"), path) || projected(path)
}

// under reports whether path lies in dir, symbolic links resolved: the directory does not
// guard the target of a link that leads out of it.
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

// projected reports whether path belongs to a Kubernetes projected volume: the path leads
// through the directory ..data, or is one of the links that the kubelet makes into it.
func projected(path string) bool {
	if slices.Contains(strings.Split(filepath.ToSlash(path), "/"), "..data") {
		return true
	}
	target, err := os.Readlink(path)
	return err == nil && strings.HasPrefix(filepath.ToSlash(target), "..data/")
}
