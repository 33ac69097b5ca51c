// Package walls holds the tests about the house as a whole: who may import whom,
// that each folder has a rule in .golangci.yml and a line in docs/architecture.md,
// and that each listed member runs its conformance suite. The package has only tests;
// nothing imports it.
//
// The list of walls is in walls_test.go. A wall stands between two packages and
// belongs to neither, so all walls are here. A test about one package belongs beside
// that package.
package walls
