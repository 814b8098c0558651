package site_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
)

// TestDraw draws the pictures that stand for the site elsewhere anew, into
// static/src: for links that are shared, and for a telephone's home screen.
// It runs only when CLOUDWORKS_DRAW is 1, by hand after a change of design.
func TestDraw(t *testing.T) {
	if os.Getenv("CLOUDWORKS_DRAW") != "1" {
		t.Skip("CLOUDWORKS_DRAW is not 1")
	}
	b := chrome.New(t)
	for _, d := range []struct {
		name, html    string
		width, height int64
	}{
		{"share.png", sharePage, 1200, 630},
		{"touch.png", touchPage, 180, 180},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, d.html)
		}))
		b.Do(chromedp.EmulateViewport(d.width, d.height), chromedp.Navigate(server.URL))
		shot, err := chromedp.Run(b.Ctx, chromedp.CaptureScreenshot())
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("../../static/src/"+d.name, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const cloud = `<path d="M10 24.5a6 6 0 0 1-1-11.9 7.3 7.3 0 0 1 14-.8 6.4 6.4 0 0 1-.9 12.7z" fill="%s"/><path d="M11.7 21.5v-3.5M16 21.5v-7M20.3 21.5v-5.2" fill="none" stroke="%s" stroke-width="2.2" stroke-linecap="round"/>`

var touchPage = `<!doctype html><style>body{margin:0;background:#0b6e69}svg{display:block}</style><svg viewBox="0 0 32 32" width="180" height="180">` +
	fmt.Sprintf(cloud, "#fff", "#0b6e69") + `</svg>`

var sharePage = `<!doctype html><meta charset="utf-8"><style>
body{margin:0;width:1200px;height:630px;background:#f6f4ef;color:#16212b;font-family:system-ui,sans-serif;position:relative;overflow:hidden}
h1{position:absolute;left:80px;top:168px;margin:0;width:620px;font:600 80px/1.08 Palatino,"URW Palladio L",P052,Georgia,serif;letter-spacing:-.015em}
p{position:absolute;left:82px;top:398px;margin:0;width:520px;font-size:31px;line-height:1.45;color:#596470}
.name{position:absolute;left:80px;top:64px;display:flex;gap:16px;align-items:center;font-size:34px;font-weight:700}
svg.art{position:absolute;right:0;top:0}
</style>
<div class="name"><svg viewBox="2 4 28 22" width="62" height="49">` + fmt.Sprintf(cloud, "#0b6e69", "#f6f4ef") + `</svg>Cloudworks</div>
<h1>Two small jobs,<br>done well.</h1>
<p>Twenty numbers in, four exact figures out. Photos in, better photos out.</p>
<svg class="art" viewBox="0 0 460 630" width="460" height="630">
<rect width="460" height="630" fill="#0b6e69"/>
<g fill="#fff" fill-opacity=".45"><circle cx="62" cy="150" r="11"/><circle cx="118" cy="150" r="11"/><circle cx="146" cy="150" r="11"/><circle cx="146" cy="126" r="11"/><circle cx="174" cy="150" r="11"/><circle cx="230" cy="126" r="11"/><circle cx="258" cy="150" r="11"/><circle cx="288" cy="150" r="11"/><circle cx="342" cy="150" r="11"/><circle cx="400" cy="150" r="11"/></g>
<g fill="#fff"><circle cx="202" cy="150" r="11"/><circle cx="230" cy="150" r="11"/></g>
<g fill="none" stroke="#fff" stroke-width="4"><path d="M62 212h62M280 212h120M62 198v28M400 198v28"/><rect x="124" y="186" width="156" height="52" fill="#fff" fill-opacity=".18"/><path d="M216 186v52" stroke-width="7"/></g>
<clipPath id="l"><rect x="50" y="310" width="180" height="240"/></clipPath><clipPath id="r"><rect x="230" y="310" width="180" height="240"/></clipPath>
<g clip-path="url(#l)"><rect x="50" y="310" width="360" height="240" fill="#51707f"/><circle cx="236" cy="395" r="52" fill="#b39a70"/><path d="M50 480q150-70 360-20v100H50z" fill="#3d5049"/></g>
<g clip-path="url(#r)"><rect x="50" y="310" width="360" height="240" fill="#74c3e8"/><circle cx="236" cy="395" r="52" fill="#ffcf6e"/><path d="M50 480q150-70 360-20v100H50z" fill="#3f9a5f"/></g>
<path d="M230 310v240" stroke="#fff" stroke-width="4"/><rect x="50" y="310" width="360" height="240" rx="4" fill="none" stroke="#fff" stroke-width="4"/>
</svg>`
