package refusal

import "testing"

// TestFirst finds the error in each form that is known.
func TestFirst(t *testing.T) {
	for body, want := range map[string]Said{
		`[{"errorCode":"A","message":"m"}]`:                                                     {"m", "A"},
		` [{"errorCode":"A","message":"m"},{"errorCode":"B"}]`:                                  {"m", "A"},
		`{"errorCode":"A","message":"m"}`:                                                       {"m", "A"},
		`{"errors":[{"statusCode":"A","message":"m"}]}`:                                         {"m", "A"},
		`{"error":"A","error_description":"m"}`:                                                 {"m", "A"},
		`{"error":{"errorCode":"A","message":"m"}}`:                                             {"m", "A"},
		`{"compositeResponse":[{"body":[{"errorCode":"A","message":"m"}],"referenceId":null}]}`: {"m", "A"},
		`{"compositeResponse":[{"body":{"errorCode":"A","message":"m"},"httpStatusCode":400}]}`: {"m", "A"},
		`{"errorCode":7,"message":["m"]}`:                                                       {},
		`{"totalSize":0,"done":true,"records":[]}`:                                              {},
		`null`: {}, `[]`: {}, `[null]`: {}, ``: {}, `<html>`: {}, `[[[[[[{"errorCode":"A"}]]]]]]`: {}, `{"error":"A"`: {},
	} {
		if got := First([]byte(body)); got != want {
			t.Errorf("%s: got %+v, want %+v", body, got, want)
		}
	}
}
