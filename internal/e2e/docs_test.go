package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// countedCurl stands before each block: it notes the status of every answer.
const countedCurl = `set -euo pipefail
curl() { command curl -w '%{stderr}%{http_code}\n' "$@" 2>>"$STATUSES"; }
`

// Every curl line of docs/api.md runs as it stands, and answers as it says.
func TestDocumentedCalls(t *testing.T) {
	require(t, "curl")
	bash := require(t, "bash")
	doc, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	web := newSystem(t, unlimited).startWeb()
	blocks := shellBlock.FindAllStringSubmatch(string(doc), -1)
	if len(blocks) < 8 {
		t.Fatalf("docs/api.md has %d blocks of shell; some were not found", len(blocks))
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"photo.jpg": photograph(320, 240), "lists.csv": []byte(strings.ReplaceAll(twenty, " ", ",") + "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, block := range blocks {
		script := strings.ReplaceAll(block[1], "http://127.0.0.1:8080", web.url)
		statuses := filepath.Join(t.TempDir(), "statuses")
		cmd := exec.Command(bash, "-c", countedCurl+script)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "STATUSES="+statuses)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\n%v: %s", block[1], err, out)
			continue
		}
		got, err := os.ReadFile(statuses)
		if err != nil {
			t.Fatal(err)
		}
		bad := strings.Contains(block[1], "2.5") // the one that shows what an error looks like
		for status := range strings.FieldsSeq(string(got)) {
			if wrong := status >= "400"; wrong != bad {
				t.Errorf("%s\nanswers %s: %s", block[1], status, out)
			}
		}
	}
}
