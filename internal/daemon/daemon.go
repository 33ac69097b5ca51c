// Package daemon is the process: the loops that sync, evaluate and deliver, the
// schedules that wake them, and the control API that every command speaks to.
// It owns all waiting and all logging; what it decides, it decides by calling
// pure functions of hygiene and digest.
package daemon
