package e2e

import (
	"bufio"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// calls reads how many calls to SQS and S3 a process has made, by operation.
func (p *process) calls() map[string]int {
	p.t.Helper()
	answer, err := http.Get(p.ops + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	counts := make(map[string]int)
	series := regexp.MustCompile(`^cloudworks_call_seconds_count\{operation="(\w+)",.*\} (\d+)$`)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if m := series.FindStringSubmatch(lines.Text()); m != nil {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				p.t.Fatal(err)
			}
			counts[m[1]] += n
		}
	}
	return counts
}

// documented reads a table of docs/operations.md, of two columns and the
// heading's first cell as given.
func documented(t *testing.T, heading string) map[string]int {
	t.Helper()
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(doc), "\n| "+heading+" |")
	if !found {
		t.Fatalf("docs/operations.md has no table %q", heading)
	}
	table, _, _ := strings.Cut(after, "\n\n")
	rows := make(map[string]int)
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\d+) \\|").FindAllStringSubmatch(table, -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		rows[m[1]] = n
	}
	return rows
}

// sendAndLook sends a picture and looks at it as a browser does: the page
// waits for the answer and shows both previews; then the result is fetched.
func sendAndLook(t *testing.T, base string) {
	t.Helper()
	sent, err := upload(base, []file{{"holiday.jpg", photograph(320, 240)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := finished(t, base, sent.ID).Pictures[0]
	for _, address := range []string{p.Download, "/pics/" + sent.ID + "/1/before", "/pics/" + sent.ID + "/1/after"} {
		download(t, base, address)
	}
}

// One picture takes the calls that the table of costs is worked out from.
func TestCallsOfAPicture(t *testing.T) {
	want := documented(t, "call of a picture | times")
	s := newSystem(t, unlimited, "CLOUDWORKS_WORKER=none")
	web, worker := s.startWeb(), s.startWorker()
	// once sends a picture, and gives all calls so far when its messages are
	// deleted.
	once := func(deletes int) map[string]int {
		t.Helper()
		sendAndLook(t, web.url)
		var all map[string]int
		eventually(t, 10*time.Second, "all messages are deleted", func() error {
			all = web.calls()
			for operation, n := range worker.calls() {
				all[operation] += n
			}
			if all["DeleteMessageBatch"] < deletes {
				return errNotYet
			}
			return nil
		})
		return all
	}
	got := make(map[string]int)
	// A page that had to wait longer, on a busy machine, asks more than once.
	for try := range 10 {
		before := once(2 + 4*try) // finds the queues, or counts for nothing
		after := once(4 + 4*try)
		for operation := range want {
			got[operation] = after[operation] - before[operation]
		}
		if maps.Equal(got, want) {
			return
		}
	}
	t.Errorf("calls (-documented +made)\n%s", cmp.Diff(want, got))
}
