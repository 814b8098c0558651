package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// What a first visit loads has a budget, in bytes as sent.
func TestBudgets(t *testing.T) {
	scripts := 0
	for name := range assets {
		if strings.HasSuffix(name, ".js") {
			scripts += Size(name)
		}
	}
	if scripts > 22_000 {
		t.Errorf("all scripts: %d bytes, want at most 22,000", scripts)
	}
	if got := Size("style.css"); got > 15_000 {
		t.Errorf("style.css: %d bytes, want at most 15,000", got)
	}
	t.Logf("scripts %d, styles %d", scripts, Size("style.css"))
}

// Others' work comes with its licence.
func TestLicences(t *testing.T) {
	for name, want := range map[string]string{"vendor/htmx.LICENSE": "Zero-Clause BSD", "vendor/pico.LICENSE": "MIT License"} {
		b, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(b, []byte(want)) {
			t.Errorf("%s: %v, want %q in it", name, err, want)
		}
	}
}

func TestServe(t *testing.T) {
	h := Handler(http.NotFound)
	get := func(path string, header ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if len(header) == 2 {
			r.Header.Set(header[0], header[1])
		}
		w := httptest.NewRecorder()
		h(w, r)
		return w.Result()
	}
	for name := range assets {
		plain, err := io.ReadAll(get(Path(name)).Body)
		if err != nil || len(plain) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(plain), err)
		}
		zipped := get(Path(name), "Accept-Encoding", "gzip")
		body := io.Reader(zipped.Body)
		if zipped.Header.Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: gzip gives something else (%v)", name, err)
		}
	}
	if got := get(Prefix + "x/none.js").StatusCode; got != http.StatusNotFound {
		t.Errorf("no such asset: got %d, want 404", got)
	}
}

// Squeezing changes no value of a stylesheet.
func TestSqueeze(t *testing.T) {
	const in = "/* why */\n.a > .b { margin: 0 auto;\n  width: calc(100% - 2px); }\n/*! kept */\n@media (min-width: 3rem) { .c { color: red } }"
	const want = ".a > .b{margin: 0 auto;width: calc(100% - 2px);}/*! kept */ @media (min-width: 3rem){.c{color: red}}"
	if got := strings.TrimSpace(string(squeeze([]byte(in)))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A script loses its comments and the space before its lines, and no more.
func TestScriptMargin(t *testing.T) {
	const in = "// why\nconst a = 1; // one\n  // two\n  f(\n    `//x ${a}`,\n  );\n"
	const want = "const a = 1; // one\nf(\n`//x ${a}`,\n);\n"
	if got := string(scriptMargin.ReplaceAll([]byte(in), nil)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for name, a := range assets {
		if strings.HasSuffix(name, ".js") && name != "htmx.js" && bytes.Count(a.plain, []byte("`"))%2 != 0 {
			t.Errorf("%s: a string was cut", name)
		}
	}
	htmx, err := files.ReadFile("vendor/htmx.min.js")
	if err != nil || !bytes.Equal(assets["htmx.js"].plain, htmx) {
		t.Errorf("htmx isn't served as it came: %v", err)
	}
}
