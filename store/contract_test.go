package store_test

import (
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

var (
	_ daemon.Cache   = (*store.Store)(nil)
	_ daemon.Journal = (*store.Store)(nil)
)
