// Package api is the language between commands and the daemon: HTTP with JSON bodies
// over data_dir/pipetidy.sock (0600). It holds the requests, the answers and the exit
// codes, and the [Client] that commands use. A command asks the running daemon;
// without a daemon, the command opens the files itself and asks a handler in its own
// process, so both ways run the same code. Package control has the handlers. The
// other rooms do not use this package: their results are types of their own.
//
//	GET  /v1/ping                          → nothing: whoever answers is alive
//	GET  /v1/status                        → Status
//	POST /v1/sync           SyncRequest    → a stream of SyncEvent, one JSON object a line
//	POST /v1/check          CheckRequest   → Check
//	GET  /v1/explain?id=ID-or-URL&limit=N  → Explanation
//	POST /v1/digest/preview PreviewRequest → []Preview
//	POST /v1/digest/send    SendRequest    → []SendResult
//	POST /v1/deliveries/settle SettleRequest → DeliveryStatus
//	POST /v1/release        ReleaseRequest → []Released
//	POST /v1/park           ParkRequest    → Parked
//	POST /v1/unpark         UnparkRequest  → []Park
//	GET  /v1/parked?all=1                  → []Park
//	POST /v1/forget         ForgetRequest  → ForgetRequest, once it is done
//	GET  /v1/export?stream=S&source=N      → one JSON object a line (docs/cli.md: export)
//
// An answer that is no success is a status other than 200 with an [Error].
package api

// Paths of the control API.
const (
	PathPing    = "/v1/ping"
	PathStatus  = "/v1/status"
	PathSync    = "/v1/sync"
	PathCheck   = "/v1/check"
	PathExplain = "/v1/explain"
	PathPreview = "/v1/digest/preview"
	PathSend    = "/v1/digest/send"
	PathSettle  = "/v1/deliveries/settle"
	PathRelease = "/v1/release"
	PathPark    = "/v1/park"
	PathUnpark  = "/v1/unpark"
	PathParked  = "/v1/parked"
	PathCompare = "/v1/compare"
	PathForget  = "/v1/forget"
	PathExport  = "/v1/export"
)
