package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var markdownLink = regexp.MustCompile(`\]\(([^)#]+)`)

// Every link between our documents, and every picture in them, leads to a
// file that is there.
func TestDocumentLinks(t *testing.T) {
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pictures := 0
	for _, doc := range append(docs, "../../README.md", "../../docs/screens/README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range markdownLink.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			if strings.HasSuffix(link[1], ".png") {
				pictures++
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), link[1])); err != nil {
				t.Errorf("%s: %v", doc, err)
			}
		}
	}
	if pictures < 2 {
		t.Errorf("%d pictures were found, the README alone has 2", pictures)
	}
}
