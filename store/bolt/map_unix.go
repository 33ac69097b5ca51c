//go:build unix

package bolt

// mapsBeyondFile says whether the mapping of a file may be larger than the file.
const mapsBeyondFile = true
