package digest_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/golden"
)

func TestGoldenMarkdown(t *testing.T) {
	golden.File(t, "../docs/digests.md", string(digest.Markdown()))
}
