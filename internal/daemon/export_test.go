package daemon

// Turn is what a poll of a source does each time it is woken.
var Turn = (*Daemon).turn
