package site

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"cloudworks/static"
	"cloudworks/templates"

	"github.com/a-h/templ"
)

// wantsJSON says whether the answer is to be JSON: Accept ranks it above
// HTML, or Accept doesn't say and the request itself was JSON.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	asJSON, asHTML := quality(accept, "application/json"), quality(accept, "text/html")
	if asJSON == 0 && asHTML == 0 {
		return mediaType(r) == "application/json"
	}
	return asJSON > asHTML
}

// quality gives the weight that an Accept header names for exactly that type.
func quality(accept, want string) float64 {
	for item := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(item)
		if err != nil || name != want {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			return 1
		}
		return q
	}
	return 0
}

// mediaType is that of the request's body, without its parameters.
func mediaType(r *http.Request) string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// render draws into memory first, so that a failure can still become a page.
func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	// What is drawn is in memory already; a visitor who left, or whose request
	// came too slowly, must not turn it into a fault of ours.
	if err := c.Render(context.WithoutCancel(r.Context()), &b); err != nil {
		noteOf(r).err = err
		http.Error(w, "Something broke on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the visitor may be gone
}

func (s *Site) sendJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		noteOf(r).err = err
		http.Error(w, `{"error":"Something broke on our side.","code":"internal"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the visitor may be gone
}

// page is what stands around a page's content.
func (s *Site) page(title, description string, scripts ...string) templates.Page {
	p := templates.Page{
		Title: title + " – Cloudworks", Description: description,
		Assets: templates.Assets{
			Style: static.Path("style.css"), App: static.Path("app.js"),
			Icon: static.Path("icon.svg"), Touch: static.Path("touch.png"),
		},
	}
	for _, name := range scripts {
		p.Scripts = append(p.Scripts, static.Path(name))
	}
	return p
}

// polling gives the page what it needs to ask for news.
func polling(p templates.Page) templates.Page {
	p.Assets.Htmx = static.Path("htmx.js")
	return p
}

// base is how visitors reach us, such as "https://example.org".
func (s *Site) base(r *http.Request) string {
	switch {
	case s.opts.BaseURL != "":
		return strings.TrimSuffix(s.opts.BaseURL, "/")
	case s.secure(r):
		return "https://" + r.Host
	default:
		return "http://" + r.Host
	}
}

// private keeps an answer out of shared caches and search engines, and has
// the browser ask again.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("X-Robots-Tag", "noindex")
}
