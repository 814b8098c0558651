package e2e

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cloudworks/internal/chrome"
)

// TestPace measures what a visitor waits for, in the browser and with the
// whole system on this machine:
//
//	CLOUDWORKS_PACE=1 go test -v -run TestPace ./internal/e2e
//
// It is run by hand, for a busy machine says little about it.
func TestPace(t *testing.T) {
	if os.Getenv("CLOUDWORKS_PACE") == "" {
		t.Skip("CLOUDWORKS_PACE is not set")
	}
	web := newSystem(t, unlimited).startWeb()
	t.Run("click to answer", func(t *testing.T) { paceOfAnswers(t, web) })
	t.Run("drop to progress", func(t *testing.T) { paceOfDrops(t, web) })
}

// paceOfAnswers goes from the click to the drawn figures: the navigation that
// the form starts, with its redirect, up to the first paint of its page.
func paceOfAnswers(t *testing.T, web *process) {
	const (
		tries = 100
		goal  = 150 * time.Millisecond
	)
	tab := chrome.New(t)
	var took []time.Duration
	atOnce := 0
	for range tries {
		tab.Open(web.url + "/?numbers=12,7,3,25,18,9,-4,31,16,22,7,14,11,28,5,19,40,8,13,21")
		tab.Do(chromedp.Click(chromedp.CSS("#calc-form button[type=submit]")))
		tab.Until(`location.pathname.startsWith("/calc/") && performance.getEntriesByName("first-contentful-paint").length > 0 && document.querySelectorAll(".figures .value").length === 4`)
		took = append(took, milliseconds(chrome.Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)))
		// What came by a poll was announced.
		if chrome.Eval[string](tab, `document.getElementById("live").textContent`) == "" {
			atOnce++
		}
	}
	p50, p95 := quantiles(took)
	t.Logf("click to answer: p50 %s, p95 %s; in one page load: %d of %d", p50, p95, atOnce, tries)
	if p95 > goal || atOnce*100 < tries*95 {
		t.Errorf("the goal is a p95 of %s, and 95 of 100 in one page load", goal)
	}
}

// paceOfDrops goes from the drop to the first that is seen of the upload.
func paceOfDrops(t *testing.T, web *process) {
	const (
		tries = 20
		goal  = 200 * time.Millisecond
	)
	path := photoFile(t, "holiday.jpg")
	tab := chrome.New(t)
	var took []time.Duration
	for range tries {
		tab.Open(web.url)
		tab.Until(`document.readyState === "complete"`)
		chrome.Eval[any](tab, `addEventListener("drop", () => { const began = performance.now(); const look = () => { const said = document.querySelector("#upload-list .fine")?.textContent; if (said && said !== "Waiting") sessionStorage.setItem("took", performance.now() - began); else requestAnimationFrame(look) }; look() }, true); sessionStorage.removeItem("took"); 0`)
		tab.Drop(path)
		tab.Until(`sessionStorage.getItem("took") !== null`)
		took = append(took, milliseconds(chrome.Eval[float64](tab, `Number(sessionStorage.getItem("took"))`)))
		tab.Until(`location.pathname.startsWith("/pics/")`)
	}
	p50, p95 := quantiles(took)
	t.Logf("drop to first progress: p50 %s, p95 %s", p50, p95)
	if p95 > goal {
		t.Errorf("the goal is a p95 of %s", goal)
	}
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// quantiles gives median and 95th percentile, by nearest rank.
func quantiles(took []time.Duration) (p50, p95 time.Duration) {
	slices.Sort(took)
	return took[len(took)/2], took[min(len(took)*95/100, len(took)-1)]
}
