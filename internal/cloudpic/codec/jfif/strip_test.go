package jfif

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzStrip(f *testing.F) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		f.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src/image/testdata/video-001*.jpeg"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		once, ok := Strip(data)
		if !ok {
			return
		}
		if len(once) > len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(once))
		}
		if twice, ok := Strip(once); !ok || !bytes.Equal(once, twice) {
			t.Error("what was stripped can be stripped again")
		}
	})
}
