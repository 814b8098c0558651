package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The judge's word on the photographs of the first set: BRISQUE, by an
// implementation that isn't ours, on the pixels as they are. None may clip 3
// points more than it did, nor gain nothing or more than it was allowed.
func TestPhotographs(t *testing.T) {
	photos := firstSet(t)
	judge := exec.Command("/usr/bin/python3", "-c", "import cv2; cv2.quality; open('/usr/share/opencv4/quality/brisque_model_live.yml')")
	if err := judge.Run(); err != nil {
		missing(t, "OpenCV with its BRISQUE model (python3-opencv, opencv-data): %v", err)
	}
	dir := t.TempDir()
	for _, path := range photos {
		p, err := open(path, 30)
		if err != nil {
			t.Fatal(err)
		}
		if added := clips(p.auto) - clips(p.before); added > 0.03 {
			t.Errorf("%s: auto clips %.1f points more", p.name, 100*added)
		}
		if p.autoR.Untouched || p.autoR.Gain <= 0 || p.autoR.Gain > 30 {
			t.Errorf("%s: gain %.1f %%, untouched %v", p.name, p.autoR.Gain, p.autoR.Untouched)
		}
		if err := p.writeVersions(dir); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("/usr/bin/python3", "judge.py", "-json", dir).Output()
	if err != nil {
		t.Fatalf("judge.py: %v", err)
	}
	var scores map[string]struct{ Before, Classic, Auto float64 }
	if err := json.Unmarshal(out, &scores); err != nil {
		t.Fatalf("judge.py: %v", err)
	}
	if len(scores) != len(photos) {
		t.Fatalf("judged %d photographs, want %d", len(scores), len(photos))
	}
	better, before, auto := 0, 0.0, 0.0
	for name, s := range scores {
		t.Logf("%-36s %6.2f  classic %6.2f  auto %6.2f", name, s.Before, s.Classic, s.Auto)
		before, auto = before+s.Before, auto+s.Auto
		if s.Auto < s.Before {
			better++
		}
	}
	n := float64(len(scores))
	t.Logf("mean %.2f, auto %.2f; better: %d of %d", before/n, auto/n, better, len(scores))
	if better*16 < 14*len(scores) {
		t.Errorf("auto is better on %d of %d, want at least 14 of 16", better, len(scores))
	}
	if auto > 0.85*before {
		t.Errorf("mean BRISQUE %.2f after %.2f, want at most 85 %% of it", auto/n, before/n)
	}
}

// firstSet finds the photographs that the recipe was tuned on.
func firstSet(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("/usr/share/backgrounds/*_by_*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var photos []string
	for _, p := range all {
		name := filepath.Base(p)
		if !strings.HasPrefix(name, "Fossa") && !strings.HasPrefix(name, "umang") && !strings.HasPrefix(name, "Painting") {
			photos = append(photos, p)
		}
	}
	if len(photos) < 16 {
		missing(t, "photographs (lomiri-wallpapers-16.04 and -20.04): %d of 16", len(photos))
	}
	return photos
}

// missing skips a test that lacks a tool, or fails it where all are required.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
		t.Fatalf("required: "+format, args...)
	}
	t.Skipf("missing: "+format, args...)
}
