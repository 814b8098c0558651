package ops

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cloudworks/internal/chrome"
)

// TestPages looks at the operators' pages as that of package site does at the
// others, and writes their HTML for the validator.
func TestPages(t *testing.T) {
	axe := chrome.Axe(t)
	v := visitPage(t)
	bodies := map[string][]byte{}
	_, bodies["ops-login"] = v.do(http.MethodGet, loginPath, nil)
	_, bodies["ops-login-wrong"] = v.do(http.MethodPost, loginPath, url.Values{"token": {"no"}})
	v.logIn()
	pages := []string{homePath, deadPath + "inbox", deadPath + "inbox?moved=2", deadPath + "requestQueue?dropped=1"}
	for _, path := range pages {
		_, bodies[strings.Trim(strings.Map(hyphen, path), "-")] = v.do(http.MethodGet, path, nil)
	}
	if dir := os.Getenv("CLOUDWORKS_PAGES"); dir != "" {
		for name, body := range bodies {
			if err := os.WriteFile(filepath.Join(dir, name+".html"), body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	chrome.Looks(t, func(b *chrome.Tab, look string) {
		t.Run("login-"+look, func(t *testing.T) {
			b.Open(v.server.URL + loginPath)
			b.Sound(t, axe)
			b.Do(chromedp.SendKeys(chromedp.CSS("#token"), "wrong\n"), chromedp.WaitVisible(chromedp.CSS("#token-wrong")))
			b.Sound(t, axe)
			b.Do(chromedp.SendKeys(chromedp.CSS("#token"), token+"\n"), chromedp.WaitVisible(chromedp.CSS("#state")))
		})
		for _, path := range pages {
			t.Run(strings.Map(hyphen, path)+look, func(t *testing.T) {
				b.Open(v.server.URL + path)
				b.Until(`document.readyState === "complete"`)
				b.Sound(t, axe)
			})
		}
	})
}

// hyphen keeps an address's letters and digits.
func hyphen(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}
