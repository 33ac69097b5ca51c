package salesforce

import (
	"compress/gzip"
	"net/http"
	"strings"
)

// squeezed answers, with gzip if the client accepts gzip.
func (s *Server) squeezed(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		s.answer(w, r)
		return
	}
	z, _ := s.squeezers.Get().(*gzip.Writer)
	if z == nil {
		z, _ = gzip.NewWriterLevel(w, gzip.BestSpeed) // the level exists
	} else {
		z.Reset(w)
	}
	g := &gzipWriter{ResponseWriter: w, z: z}
	defer func() {
		if g.open {
			_ = z.Close() // the only error is that the client went away
		}
		s.squeezers.Put(z)
	}()
	s.answer(g, r)
}

// gzipWriter compresses answers that have a body.
type gzipWriter struct {
	http.ResponseWriter
	z     *gzip.Writer
	begun bool
	open  bool
}

func (g *gzipWriter) WriteHeader(status int) {
	g.begun = true
	if status != http.StatusNoContent && status != http.StatusNotModified {
		g.open = true
		g.Header().Set("Content-Encoding", "gzip")
		g.Header().Del("Content-Length")
	}
	g.ResponseWriter.WriteHeader(status)
}

func (g *gzipWriter) Write(b []byte) (int, error) {
	if !g.begun {
		g.WriteHeader(http.StatusOK)
	}
	return g.z.Write(b)
}
