package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/internal/api"
)

// output buffers standard output and remembers that writing failed, so that a
// full disk under a redirected report cannot look like success.
type output struct {
	w   *bufio.Writer
	err error
}

func newOutput(w io.Writer) *output { return &output{w: bufio.NewWriterSize(w, 32<<10)} }

// Write buffers p.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = writeError(err)
	}
	return n, o.err
}

// Flush writes out what is buffered and returns the first error of any write.
func (o *output) Flush() error {
	if err := o.w.Flush(); err != nil && o.err == nil {
		o.err = writeError(err)
	}
	return o.err
}

func writeError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return fail(api.ExitFailed, "write output: the reader has gone: %w", err)
	}
	return fail(api.ExitIO, "write output: %w; make room or print elsewhere", err)
}

// flush passes on what was printed so far, for commands that print while they run.
func flush(w io.Writer) {
	if f, ok := w.(interface{ Flush() error }); ok {
		_ = f.Flush() // output remembers the error, and main reports it
	}
}

// printJSON prints v as one indented document.
func printJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode output: %w", err)
	}
	_, err := w.Write(inertJSON(b.Bytes()))
	return err
}

// inertJSON writes the characters that a terminal or an editor would act on as JSON
// escapes, so that no deal's name can turn the line around. Such characters only stand
// inside strings, so the document means the same.
func inertJSON(b []byte) []byte {
	clean := true
	for _, c := range b {
		if c >= utf8.RuneSelf || c == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case active(r) && r != '\n' && r > 0xffff:
			hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		case active(r) && r != '\n':
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}
