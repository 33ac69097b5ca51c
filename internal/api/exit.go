package api

// Exit codes, as documented for the command line.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitFindings    = 3
	ExitNoVerdict   = 4
	ExitUnavailable = 69
	ExitIO          = 74
	ExitInUse       = 75
	ExitConfig      = 78
)
