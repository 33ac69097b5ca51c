package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// answer is one recorded answer of a CRM: which kind of request it answers, and what it
// said.
type answer struct {
	kind   string
	status int
	body   []byte
	csv    bool
}

// mutation changes an answer in one place.
type mutation struct {
	name  string
	apply func(status int, body []byte) (int, []byte)
}

// wire carries requests to the handler of a simulated CRM without a socket. Answers of
// the target kind are changed, the first one or all of them.
type wire struct {
	handler http.Handler
	seen    []answer
	calls   int
	target  string
	change  *mutation
	once    bool
	changed int
}

var (
	fromObject = regexp.MustCompile(`(?i)\bfrom\+?(?:%20|\s)+(\w+)`)
	anID       = regexp.MustCompile(`^[0-9]+$|^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$`)
	version    = regexp.MustCompile(`^v[0-9.]+$|^20[0-9]{2}-[0-9]{2}$`)
)

// kindOf names the kind of a request: method, path without ids, the objects that its
// queries read, and what records are read with, because the streams share HubSpot's lists.
func kindOf(r *http.Request, body []byte) string {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for i, s := range segments {
		if anID.MatchString(s) && !version.MatchString(s) && strings.ContainsAny(s, "0123456789") {
			segments[i] = "*"
		}
	}
	kind := r.Method + " " + strings.Join(segments, "/")
	var objects []string
	for _, m := range fromObject.FindAllStringSubmatch(r.URL.Query().Get("q")+" "+string(body), -1) {
		if !slices.Contains(objects, m[1]) {
			objects = append(objects, m[1])
		}
	}
	if len(objects) > 0 {
		kind += " " + strings.Join(objects, ",")
	}
	for _, key := range []string{"archived", "after"} {
		if r.URL.Query().Has(key) {
			kind += " " + key
		}
	}
	return kind + readWith(r, body)
}

// readWith says with how many properties and histories a request reads records, "" where it
// names none.
func readWith(r *http.Request, body []byte) (out string) {
	var batch struct{ Properties, PropertiesWithHistory []string }
	_ = json.Unmarshal(body, &batch) // of another form, it names none
	count := func(what string, named []string) {
		n := len(named)
		for _, list := range r.URL.Query()[what] {
			n += strings.Count(list, ",") + 1
		}
		if n > 0 {
			out += fmt.Sprintf(" %d %s", n, what)
		}
	}
	count("properties", batch.Properties)
	count("propertiesWithHistory", batch.PropertiesWithHistory)
	return out
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := r.Clone(r.Context())
	in.Body, in.RequestURI, in.RemoteAddr = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI(), "127.0.0.1:1"
	in.Header.Del("Accept-Encoding")
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, in)
	resp := rec.Result()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	w.calls++
	kind := kindOf(r, body)
	if w.change == nil {
		w.seen = append(w.seen, answer{kind, resp.StatusCode, said, strings.Contains(resp.Header.Get("Content-Type"), "csv")})
	} else if kind == w.target && (!w.once || w.changed == 0) {
		w.changed++
		resp.StatusCode, said = w.change.apply(resp.StatusCode, said)
		resp.Header.Del("Content-Length")
		resp.Header.Del("Retry-After")
	}
	resp.Status = ""
	resp.ContentLength = int64(len(said))
	resp.Body = io.NopCloser(bytes.NewReader(said))
	resp.Request = r
	return resp, nil
}

// mutations lists the changes of an answer: its status, its body as a whole, and each
// place of its JSON.
func mutations(a answer) []mutation {
	var out []mutation
	for _, status := range []int{201, 202, 204, 400, 401, 403, 404, 429, 500, 503} {
		out = append(out, mutation{"status " + strconv.Itoa(status), func(_ int, b []byte) (int, []byte) {
			if status == http.StatusNoContent {
				b = nil
			}
			return status, b
		}})
	}
	for _, status := range []int{200, 403, 404, 503} {
		out = append(out, mutation{"a page of HTML with " + strconv.Itoa(status), func(int, []byte) (int, []byte) {
			return status, []byte("<!DOCTYPE html><html><body>Sorry</body></html>")
		}})
	}
	for name, text := range map[string]string{"an empty body": "", "an empty object": "{}", "an empty list": "[]", "null": "null"} {
		out = append(out, mutation{name, func(s int, _ []byte) (int, []byte) { return s, []byte(text) }})
	}
	out = append(out, mutation{"the body cut in half", func(s int, b []byte) (int, []byte) { return s, b[:len(b)/2] }})
	if a.csv {
		out = append(out, mutation{"the last line lost", func(s int, b []byte) (int, []byte) {
			i := bytes.LastIndexByte(bytes.TrimRight(b, "\n"), '\n')
			return s, b[:i+1]
		}}, mutation{"only the heading", func(s int, b []byte) (int, []byte) {
			i := bytes.IndexByte(b, '\n')
			return s, b[:i+1]
		}})
	}
	var doc any
	if json.Unmarshal(a.body, &doc) == nil {
		places(doc, nil, &out)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// places adds the changes at each place of a document. Of a list, the first element and
// the last one are looked into.
func places(v any, path []string, out *[]mutation) {
	at := func(what string, change func(any) (any, bool)) {
		where := slices.Clone(path)
		*out = append(*out, mutation{strings.Join(path, ".") + " " + what, func(s int, b []byte) (int, []byte) {
			d := json.NewDecoder(bytes.NewReader(b))
			d.UseNumber()
			var doc any
			if d.Decode(&doc) != nil {
				return s, b
			}
			doc = changed(doc, where, change)
			text, err := json.Marshal(doc)
			if err != nil {
				panic(err)
			}
			return s, text
		}})
	}
	if len(path) > 0 {
		at("removed", func(any) (any, bool) { return nil, false })
		at("null", func(any) (any, bool) { return nil, true })
		at("of another type", func(v any) (any, bool) { return otherType(v), true })
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			places(v[k], append(slices.Clone(path), k), out)
		}
	case []any:
		if len(v) == 0 {
			return
		}
		at("emptied", func(any) (any, bool) { return []any{}, true })
		at("cut short", func(v any) (any, bool) { l, _ := v.([]any); return l[:len(l)/2], true })
		at("doubled", func(v any) (any, bool) { l, _ := v.([]any); return append(slices.Clone(l), l...), true })
		for _, i := range slices.Compact([]int{0, len(v) - 1}) {
			places(v[i], append(slices.Clone(path), strconv.Itoa(i)), out)
		}
	}
}

// halved is the change that leaves the first half of the list at a place.
func halved(path ...string) mutation {
	return mutation{strings.Join(path, ".") + " cut short", func(s int, b []byte) (int, []byte) {
		var doc any
		if json.Unmarshal(b, &doc) != nil {
			return s, b
		}
		text, err := json.Marshal(changed(doc, path, func(v any) (any, bool) { l, _ := v.([]any); return l[:len(l)/2], true }))
		if err != nil {
			panic(err)
		}
		return s, text
	}}
}

// changed returns the document with the place changed; a place that this answer does not
// have leaves it as it is.
func changed(doc any, path []string, change func(any) (any, bool)) any {
	if len(path) == 0 {
		if _, list := doc.([]any); doc == nil && !list {
			return doc
		}
		v, _ := change(doc)
		return v
	}
	switch d := doc.(type) {
	case map[string]any:
		v, ok := d[path[0]]
		if !ok {
			return doc
		}
		if len(path) > 1 {
			d[path[0]] = changed(v, path[1:], change)
			return d
		}
		if v, keep := change(v); keep {
			d[path[0]] = v
		} else {
			delete(d, path[0])
		}
		return d
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || len(d) == 0 {
			return doc
		}
		i = min(i, len(d)-1)
		if len(path) > 1 {
			d[i] = changed(d[i], path[1:], change)
			return d
		}
		v, keep := change(d[i])
		if keep {
			d[i] = v
			return d
		}
		return slices.Delete(d, i, i+1)
	}
	return doc
}

func otherType(v any) any {
	switch v := v.(type) {
	case string:
		return map[string]any{"value": v}
	case bool:
		return fmt.Sprint(!v) + "?"
	case nil:
		return []any{}
	case []any:
		return map[string]any{}
	case map[string]any:
		return []any{}
	}
	return "twelve"
}
