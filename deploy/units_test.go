package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func units(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("systemd/*.service")
	if err != nil || len(files) != 3 {
		t.Fatalf("got %v (%v), want three units", files, err)
	}
	return files
}

// setting is the value of a unit's setting, which must be there once.
func setting(t *testing.T, unit, name string) string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			values = append(values, value)
		}
	}
	if len(values) != 1 {
		t.Fatalf("%s has %s %d times", unit, name, len(values))
	}
	return values[0]
}

// systemd's own measure of how much a service could do if it were taken over:
// 10 is everything.
func TestUnitsAreHardened(t *testing.T) {
	analyze := require(t, "systemd-analyze")
	const most = 15 // tenths, so 1.5
	for _, unit := range units(t) {
		out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=100", unit).Output()
		if err != nil {
			t.Fatalf("%s: %v", unit, err)
		}
		m := regexp.MustCompile(`exposure level for \S+: (\d+)\.(\d)`).FindStringSubmatch(string(out))
		if m == nil {
			t.Fatalf("%s: no exposure level in %s", unit, out)
		}
		if got := 10*number(t, m[1]) + number(t, m[2]); got > most {
			t.Errorf("%s: exposure %s.%s, want at most %d.%d", unit, m[1], m[2], most/10, most%10)
		}
	}
}

// systemd must understand every line. The programs themselves aren't here.
func TestUnitsAreUnderstood(t *testing.T) {
	analyze := require(t, "systemd-analyze")
	dir := t.TempDir()
	var copies []string
	for _, unit := range units(t) {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		there := regexp.MustCompile(`(?m)^(Exec\w+=\+?)/opt/\S+`).ReplaceAll(text, []byte("${1}/bin/true"))
		copies = append(copies, filepath.Join(dir, filepath.Base(unit)))
		if err := os.WriteFile(copies[len(copies)-1], there, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, copies...)...).CombinedOutput()
	// It also complains of the machine's own units.
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "cloudworks-") {
			t.Errorf("%s", line)
		}
	}
	if err != nil && len(out) == 0 {
		t.Error(err)
	}
}

// A suspect picture has a child process of the worker's to itself. Where the
// kernel ends that for its memory, the worker goes on.
func TestWorkerOutlivesChildren(t *testing.T) {
	if got := setting(t, "systemd/cloudworks-worker.service", "OOMPolicy"); got != "continue" {
		t.Errorf("OOMPolicy=%s ends the worker with a child that ran out of memory", got)
	}
}

// Every program that a unit or an instance's user data starts is in the
// release archive.
func TestProgramsAreReleased(t *testing.T) {
	script, err := os.ReadFile("release")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, unit := range units(t) {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	all := template(t)
	texts = append(texts, userData(t, all["WebTemplate"]), userData(t, all["WorkerTemplate"]))
	found := regexp.MustCompile(`/opt/cloudworks/([\w.]+)`).FindAllStringSubmatch(strings.Join(texts, "\n"), -1)
	if len(found) < 5 {
		t.Fatalf("got %v", found)
	}
	for _, f := range found {
		if !regexp.MustCompile(`[/ ]` + regexp.QuoteMeta(f[1]) + `[ \n]`).Match(script) {
			t.Errorf("%s isn't released", f[0])
		}
	}
}

// The agent's file is put together by printf: what comes out must be JSON.
func TestAgentFile(t *testing.T) {
	text, err := os.ReadFile("systemd/bin/install")
	if err != nil {
		t.Fatal(err)
	}
	format := regexp.MustCompile(`printf '(\{.*\})\\n'`).FindSubmatch(text)
	if format == nil {
		t.Fatal("no printf of the agent's file")
	}
	out, err := exec.Command("bash", "-c", `printf "$1" /var/log/x.log /group`, "-", string(format[1])).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out) {
		t.Errorf("got %s", out)
	}
}
