package e2e

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// edit is a change of a source file, for programs with a fault built in.
type edit struct {
	pkg, file string // import path, and name of the file
	old, new  string // old must stand in the file once; it is empty for a file that isn't there
}

// build builds web and worker from sources with these changes, and gives the
// folder that they are in. No file of the sources is touched. It fails when a
// change doesn't fit, as may be after an update of Go or of the file.
func build(t *testing.T, flags []string, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string)
	for i, e := range edits {
		source := sourceOf(t, e)
		changed := filepath.Join(dir, string(rune('a'+i))+"_"+e.file)
		if err := os.WriteFile(changed, []byte(e.apply(t, source)), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[source] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{"build", "-overlay", list}, flags...), "-o", dir+"/", "cloudworks/web", "cloudworks/worker")
	if said, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("build with %v: %v\n%s", edits, err, said)
	}
	return dir
}

// sourceOf gives the path of the file that an edit is about.
func sourceOf(t *testing.T, e edit) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", e.pkg).Output()
	if err != nil {
		t.Fatalf("find package %s: %v", e.pkg, err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), e.file)
}

// apply gives the text of the changed file.
func (e edit) apply(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	switch {
	case e.old == "" && errors.Is(err, fs.ErrNotExist):
		return e.new
	case err != nil:
		t.Fatal(err)
	case e.old == "" || strings.Count(string(text), e.old) != 1:
		t.Fatalf("%s has %d times, want once:\n%s", path, strings.Count(string(text), e.old), e.old)
	}
	return strings.Replace(string(text), e.old, e.new, 1)
}
