package store

// Fence names the holder of the files. Every writing step takes it, and returns
// ErrFenced when somebody else has opened the files since.
type Fence uint64
