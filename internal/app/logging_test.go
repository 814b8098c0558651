package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	logField      = regexp.MustCompile(`\.(?:Str|Strs|Int|Int64|Uint64|Dur|Time|AnErr|Bool|Float64|Any)\("([a-z_]+)"`)
	documentedRow = regexp.MustCompile("(?m)^\\| (`[a-z_]+`(?:, `[a-z_]+`)*) \\| ")
)

// Every field that a log line can have stands in docs/operations.md.
func TestLogFieldsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string]bool)
	for _, row := range documentedRow.FindAllStringSubmatch(string(doc), -1) {
		for _, name := range strings.Split(row[1], ", ") {
			documented[strings.Trim(name, "`")] = true
		}
	}
	found := 0
	for _, root := range []string{"../../web", "../../worker", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(source), "Msg(") {
				return err
			}
			for _, f := range logField.FindAllStringSubmatch(string(source), -1) {
				if found++; !documented[f[1]] {
					t.Errorf("docs/operations.md lacks the field %s, which %s logs", f[1], path)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 20 {
		t.Errorf("only %d fields found: this test looks for them in the wrong way", found)
	}
}
