package bolt

import "github.com/pipetidy/pipetidy/store"

var _ store.Engine = (*Store)(nil)
