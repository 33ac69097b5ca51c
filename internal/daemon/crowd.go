package daemon

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of a server's connections. An idle connection costs a file descriptor, which the
// sources, the channels and the other commands need.
const (
	crowded    = 32               // connections
	idleTime   = 30 * time.Second // of a connection between two requests
	headerTime = 5 * time.Second  // from the first byte of a request to the end of its header
)

// crowd bounds the connections of a server. One too many ends the one that has been idle
// for longest, so that whoever has a question gets in.
type crowd struct {
	mu   sync.Mutex
	all  map[net.Conn]bool // whether a request is being answered
	idle []net.Conn        // oldest first; a connection that has asked nothing yet among them
}

func newCrowd() *crowd { return &crowd{all: map[net.Conn]bool{}} }

// state is an http.Server's ConnState.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.idle {
		if c.idle[i] == conn {
			c.idle = append(c.idle[:i], c.idle[i+1:]...)
			break
		}
	}
	switch s {
	case http.StateNew, http.StateIdle:
		c.all[conn] = false
		c.idle = append(c.idle, conn)
	case http.StateActive:
		c.all[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(c.all, conn)
	}
	if s == http.StateNew && len(c.all) > crowded {
		oldest := c.idle[0] // perhaps the new one
		c.idle = c.idle[1:]
		delete(c.all, oldest)
		_ = oldest.Close() // its server notices
	}
}
