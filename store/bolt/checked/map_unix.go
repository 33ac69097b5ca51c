//go:build unix

package checked

// mapsBeyondFile says whether the mapping of a file may be larger than the file.
const mapsBeyondFile = true
