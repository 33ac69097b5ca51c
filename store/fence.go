package store

// Fence numbers the openings of the files. Every writing step takes the fence of its
// process, and returns ErrFenced when another process has opened the files since.
type Fence uint64
