// Package walls holds the tests about the house as a whole: who may import whom,
// that each folder has a rule in .golangci.yml and a line in docs/architecture.md,
// and that each listed member runs its conformance suite. It has no code to
// import, and nothing of it is in the program.
//
// The walls stand here and not beside one of the packages because none of those
// owns them: a wall is between two.
package walls
