package bolt

import (
	"testing"

	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/storetest"
)

var _ store.Engine = (*Store)(nil)

func empty(t testing.TB) storetest.Place {
	dir := t.TempDir()
	return func() (store.Engine, error) { return Open(dir, testOptions()) }
}

func TestPromises(t *testing.T) { storetest.Test(t, empty) }

func TestCacheBehavesLikeAMap(t *testing.T) { storetest.TestModel(t, empty) }
