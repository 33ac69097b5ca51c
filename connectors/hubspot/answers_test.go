package hubspot

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// TestGoldenAnswers has one file for each bad answer: the endpoint and the status in
// the comment, the body, and the error that the operator reads.
func TestGoldenAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/answers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases under testdata/answers", err)
	}
	kinds := map[string]error{"auth": crm.ErrAuth, "quota": crm.ErrQuota, "busy": crm.ErrBusy, "refused": crm.ErrRefused, "gone": crm.ErrGone}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			setting := map[string]string{}
			for line := range strings.Lines(string(ar.Comment)) {
				k, v, _ := strings.Cut(strings.TrimSpace(line), ": ")
				setting[k] = v
			}
			status, err := strconv.Atoi(setting["status"])
			if err != nil || setting["from"] == "" || kinds[setting["kind"]] == nil {
				t.Fatalf("the case is not complete: %v", setting)
			}
			body := strings.ReplaceAll(strings.TrimSuffix(string(ar.Files[0].Data), "\n"), "$TOKEN", testToken)
			// In a bubble the waits cost no time.
			synctest.Test(t, func(t *testing.T) {
				o := &recorded{answer: map[string]func(call) (int, string){setting["from"]: always(status, body)}}
				if after, ok := setting["retry-after"]; ok {
					o.header = map[string][]string{"Retry-After": {after}}
				}
				if strings.HasSuffix(setting["from"], "/batch") {
					o.answer["deals"] = always(200, `{"results":[{"id":"1","properties":{}},{"id":"2","properties":{}}]}`)
				}
				stream, at := crm.Opportunities, crm.Cursor("")
				if s := setting["stream"]; s != "" {
					stream = crm.Stream(s)
				}
				if setting["at"] != "" {
					at = crm.Cursor(setting["at"])
					o.answer["deals/search"] = always(200, `{"total":1,"results":[{"id":"7"}]}`)
					o.answer[setting["from"]] = always(status, body)
				}
				_, err = recordedSource(t, o, nil).Fetch(t.Context(), stream, at)
				if err == nil {
					t.Fatal("no error")
				}
				for name, kind := range kinds {
					if errors.Is(err, kind) != (name == setting["kind"]) {
						t.Errorf("the error is %s: %v; want %s", name, errors.Is(err, kind), setting["kind"])
					}
				}
				got := err.Error() + "\n"
				if strings.Contains(got, testToken) {
					t.Errorf("the error holds the token: %s", got)
				}
				if n := strconv.Itoa(len(o.calls(setting["from"]))); n != setting["asked"] {
					t.Errorf("asked %s times, want %s", n, setting["asked"])
				}
				golden.Section(t, file, ar.Files[1].Name, got)
			})
		})
	}
}
