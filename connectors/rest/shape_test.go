package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// TestAnswersThatFillTheMemory has a server give answers of up to 70 MB, packed into some
// kilobytes. It is judged by the memory that reading and decoding ask for.
func TestAnswersThatFillTheMemory(t *testing.T) {
	type record struct {
		ID         string            `json:"id"`
		Properties map[string]string `json:"properties"`
	}
	for name, c := range map[string]struct {
		begin, again, end string
		times             int
		most              uint64 // MiB
	}{
		"records of nothing": {`{"results":[`, `{},`, `{}]}`, 4_000_000, 16},
		"lists in a record":  {`{"results":[{"properties":{"a":[`, `[],`, `[]]}}]}`, 4_000_000, 16},
		"a map":              {`{"results":[{"properties":{`, `"a":"",`, `"b":""}}]}`, 5_000_000, 64},
		"numbers":            {`{"results":[{"list":[`, `0,`, `0]}]}`, 6_000_000, 32},
		"levels":             {`{"results":`, `[`, "", 6_000_000, 16},
		"levels of objects":  {`{"results":`, `{"a":`, "", 4_000_000, 16},
		"blanks first":       {strings.Repeat(" ", 5000) + `[`, `{},`, `{}]`, 4_000_000, 16},
		"one long text":      {`{"results":[{"id":"`, "x", "", 17 << 20, 50},
		"no JSON at all":     {"", "a,", "", 9 << 20, 50},
	} {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
			piece := strings.Repeat(c.again, 1000)
			_, _ = z.Write([]byte(c.begin))
			for range c.times / 1000 {
				_, _ = z.Write([]byte(piece))
			}
			_, _ = z.Write([]byte(c.end))
			z.Close()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(packed.Bytes())
			}))
			defer srv.Close()
			cl := New(Config{MaxBody: 16 << 20})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			resp, err := cl.Do(t.Context(), &Request{URL: srv.URL, Repeatable: true})
			if err == nil {
				var out struct {
					Results []record `json:"results"`
				}
				_ = json.Unmarshal(resp.Body, &out)
			}
			runtime.ReadMemStats(&after)
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > c.most {
				t.Errorf("%d MiB were asked for, want at most %d", got, c.most)
			}
			if !errors.Is(err, ErrTooLarge) || cl.Calls() != 1 {
				t.Errorf("%d calls, %v", cl.Calls(), err)
			}
		})
	}
}

// TestTextIsNoShape: what looks like brackets and commas within a text counts nothing,
// wherever the answer is split.
func TestTextIsNoShape(t *testing.T) {
	body := `{"a":"` + strings.Repeat(`[{,\"\\`, 500_000) + `","b":[1,2]}`
	for _, piece := range []int{1, 7, 4096, len(body)} {
		var s shape
		for i := 0; i < len(body); i += piece {
			if _, err := s.Write([]byte(body[i:min(i+piece, len(body))])); err != nil {
				t.Fatal(err)
			}
		}
		if s.containers != 2 || s.depth != 0 || s.values != 4 {
			t.Errorf("in pieces of %d: %d containers, %d values", piece, s.containers, s.values)
		}
	}
}

// TestMaxBodyOfARequest bounds one answer below the client's limit.
func TestMaxBodyOfARequest(t *testing.T) {
	cl := New(Config{Transport: &script{reply(200, "12345")}})
	if _, err := cl.Do(t.Context(), &Request{URL: there, MaxBody: 4}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}
