// Package api is what commands and the daemon say to each other: HTTP with JSON
// bodies over data_dir/pipetidy.sock (0600), the words of requests and answers, the
// exit codes, and the client. A command speaks it to the running daemon; without
// one, the command opens the files itself and speaks to a handler in its own
// process, so that both ways are one code. The handlers are internal/control's.
//
//	GET  /v1/status                        → Status
//	POST /v1/sync           SyncRequest    → a stream of SyncEvent, one JSON object a line
//	POST /v1/check          CheckRequest   → Check
//	GET  /v1/explain?id=ID-or-URL          → Explanation
//	POST /v1/digest/preview PreviewRequest → []Preview
//	POST /v1/digest/send    SendRequest    → []SendResult
//	GET  /v1/export?stream=S&source=N      → one JSON object a line (docs/cli.md: export)
//
// An answer that is no success is a status other than 200 with an [Error].
package api

// Paths of the control API.
const (
	PathStatus  = "/v1/status"
	PathSync    = "/v1/sync"
	PathCheck   = "/v1/check"
	PathExplain = "/v1/explain"
	PathPreview = "/v1/digest/preview"
	PathSend    = "/v1/digest/send"
	PathExport  = "/v1/export"
)
