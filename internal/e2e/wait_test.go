package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/chrome"
)

// waiting is what the API says of the wait.
type waiting struct {
	Final       bool `json:"final"`
	Ahead       *int `json:"ahead"`
	WaitSeconds *int `json:"wait_seconds"`
}

// Hundreds of pictures wait while no worker runs, and nothing is promised. Then
// one comes, and the last visitor's page says how many are ahead and how long
// it takes, ever less, until it isn't worth a word. Another instance, which
// hears of none of the answers, knows it from the queue.
func TestWait(t *testing.T) {
	tab := chrome.New(t)
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=one")
	other := secondWeb(s, web)
	const batches, each = 10, 20
	var last picsJob
	for range batches {
		var err error
		if last, err = upload(web.url, pictureFiles(each), nil); err != nil {
			t.Fatal(err)
		}
	}
	tab.Open(web.url + "/pics/" + last.ID)
	tab.Until(`document.querySelectorAll("#pictures-list .pic").length === 20`)
	chrome.Eval[any](tab, `told = [""]; new MutationObserver(() => { const now = document.querySelector(".waiting")?.textContent ?? ""; if (now !== told.at(-1)) told.push(now) }).observe(document.querySelector("main"), {childList: true, subtree: true}); 0`)

	// S3 and SQS are far away for the worker, so that it takes its time.
	line := newBadLine(t, s.local)
	line.late.Store(int64(60 * time.Millisecond))
	s.startWorker("GOMAXPROCS=4", "CLOUDWORKS_BACKEND=aws", "AWS_ENDPOINT_URL=http://"+line.addr,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=cloudworks", "AWS_SECRET_ACCESS_KEY=cloudworks")
	began := time.Now()
	first, known := 0, false
	eventually(t, 90*time.Second, "the batch is finished", func() error {
		r, err := http.NewRequest(http.MethodGet, other.url+"/pics/"+last.ID, nil)
		if err != nil {
			return err
		}
		w, err := fetch[waiting](r, http.StatusOK)
		switch {
		case err != nil:
			return err
		case w.Final:
			return nil
		case w.WaitSeconds != nil && !known:
			known = true
			first = int(time.Since(began).Seconds()) + *w.WaitSeconds
			if *w.Ahead > (batches-1)*each {
				t.Errorf("%d are said to be ahead, which is more than were sent", *w.Ahead)
			}
		}
		return errNotYet
	})
	took := int(time.Since(began).Seconds())
	if !known || first < took/3 || first > 3*took {
		t.Errorf("the other instance first reckoned with %d s in all (told: %v); it took %d s", first, known, took)
	}
	tab.Until(`document.querySelectorAll("#pictures-list .pic[data-state=done]").length === 20`)
	checkTold(t, chrome.Eval[[]string](tab, `told`))
	quiet(t, tab)
}

// pictureFiles gives so many small pictures.
func pictureFiles(n int) []file {
	photo := photograph(64, 48)
	files := make([]file, n)
	for i := range files {
		files[i] = file{fmt.Sprintf("%02d.jpg", i+1), photo}
	}
	return files
}

var aheadText = regexp.MustCompile(`^(?:Up to|At most) ([\d,]+) pictures? (?:is|are) ahead of yours: yours are ready in about .+\. Visitors take turns, so it may be sooner\.$`)

// checkTold looks at what a page said, one after the other: it begins and ends
// with nothing, and between falls.
func checkTold(t *testing.T, told []string) {
	t.Helper()
	t.Logf("the page said %q", told)
	if len(told) < 4 || told[0] != "" || told[len(told)-1] != "" {
		t.Fatalf("the page said %q, want nothing, some waits, nothing", told)
	}
	before, most := 0, 0
	for _, text := range told[1 : len(told)-1] {
		ahead := 0
		if m := aheadText.FindStringSubmatch(text); m != nil {
			ahead, _ = strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		} else if text != "" && !strings.HasPrefix(text, "Nobody is ahead of you: ") {
			t.Errorf("the page said %q", text)
		}
		if before > 0 && ahead > before+10 {
			t.Errorf("%d ahead after %d: %q", ahead, before, told)
		}
		before, most = ahead, max(most, ahead)
	}
	if most < 50 || before > most/2 {
		t.Errorf("from %d ahead it fell to %d only: %q", most, before, told)
	}
}
