// Package static holds the files that pages load: the stylesheet, the scripts
// and the pictures. They are embedded, compressed once at start, and served
// under a path that names their content, so that browsers keep them for good.
//
// vendor/ holds others' work with its licences: htmx 4.0.1, and Pico 2.5.0
// trimmed by trim.go. src/ is ours.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed vendor/htmx.min.js vendor/pico.css src
var files embed.FS

// asset is one file as it is served.
type asset struct {
	contentType string
	plain       []byte
	zipped      []byte // nil where compression gains nothing
	etag        string
}

// bundle says which files make up which asset.
var bundle = map[string][]string{
	"style.css":  {"vendor/pico.css", "src/base.css", "src/calc.css", "src/pics.css"},
	"ops.css":    {"vendor/pico.css", "src/base.css", "src/calc.css", "src/ops.css"},
	"htmx.js":    {"vendor/htmx.min.js"},
	"app.js":     {"src/app.js"},
	"calc.js":    {"src/calc.js"},
	"bulk.js":    {"src/bulk.js"},
	"upload.js":  {"src/upload.js"},
	"compare.js": {"src/compare.js"},
	"icon.svg":   {"src/icon.svg"},
	"touch.png":  {"src/touch.png"},
	"share.png":  {"src/share.png"},
}

var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

var assets, version = load()

// Prefix is the path under which Handler is to be mounted.
const Prefix = "/static/"

// Path gives the address of an asset. It panics for a name that is not there,
// as a template that names it is wrong.
func Path(name string) string {
	if _, ok := assets[name]; !ok {
		panic("static: no asset " + name)
	}
	return Prefix + version + "/" + name
}

// Size gives an asset's length in bytes as most browsers load it: compressed
// where that is kept.
func Size(name string) int {
	a := assets[name]
	if a.zipped != nil {
		return len(a.zipped)
	}
	return len(a.plain)
}

// Handler serves the assets below Prefix. notFound answers for what is not
// there.
func Handler(notFound http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		a, ok := assets[name]
		if !ok {
			notFound(w, r)
			return
		}
		serve(w, r, a, asked == version)
	}
}

// serve answers with an asset. Under another version's path, which an older
// page may still name, it is to be asked for again.
func serve(w http.ResponseWriter, r *http.Request, a asset, current bool) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if current {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := a.plain
	if a.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = a.zipped
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", strings.TrimSuffix(a.etag, `"`)+`-gz"`)
	}
	if slices.Contains(strings.Split(r.Header.Get("If-None-Match"), ", "), h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) // the visitor may be gone
}

// load reads and compresses every asset, and names the version after all of
// them: modules may import each other by relative names.
func load() (map[string]asset, string) {
	out := make(map[string]asset, len(bundle))
	sum := sha256.New()
	names := make([]string, 0, len(bundle))
	for name := range bundle {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a := build(name)
		out[name] = a
		sum.Write([]byte(name))
		sum.Write(a.plain)
	}
	return out, hex.EncodeToString(sum.Sum(nil))[:12]
}

func build(name string) asset {
	var b bytes.Buffer
	for _, part := range bundle[name] {
		content, err := files.ReadFile(part)
		if err != nil {
			panic("static: " + err.Error()) // the embed line and the table disagree
		}
		b.Write(content)
	}
	plain := b.Bytes()
	switch path.Ext(name) {
	case ".css":
		plain = squeeze(plain)
	case ".js":
		plain = scriptMargin.ReplaceAll(plain, nil)
	}
	sum := sha256.Sum256(plain)
	a := asset{contentType: types[path.Ext(name)], plain: plain, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if path.Ext(name) != ".png" {
		a.zipped = zip(plain)
	}
	return a
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*[^!].*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,]) ?`)
)

// scriptMargin is what a script has at the start of its lines: comments and
// space. Ours have no strings that go over several lines.
var scriptMargin = regexp.MustCompile(`(?m)^[ \t]*(?://.*\n)?`)

// squeeze takes comments and needless space out of a stylesheet. Ours has no
// strings with runs of space or with braces in them.
func squeeze(css []byte) []byte {
	css = cssComment.ReplaceAll(css, nil)
	css = cssSpace.ReplaceAll(css, []byte(" "))
	return cssAround.ReplaceAll(css, []byte("$1"))
}

func zip(plain []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic("static: " + err.Error())
	}
	_, err = w.Write(plain)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("static: " + err.Error()) // a buffer doesn't fail
	}
	return b.Bytes()
}
