package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// bulkJob is the API's answer about a file of lists.
type bulkJob struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Rows  int    `json:"rows"`
	Done  int    `json:"done"`
}

// A file of lists, packed in several messages, comes back with four columns
// more, from an instance that has nothing of it in memory.
func TestFileOfLists(t *testing.T) {
	const rows = 1200
	s := newSystem(t, unlimited)
	one := s.startWeb("CLOUDWORKS_INSTANCE=one")
	two := secondWeb(s, one)
	lists := make([][]int64, rows)
	var file strings.Builder
	for i := range lists {
		lists[i] = randomList()
		fmt.Fprintln(&file, strings.ReplaceAll(strings.Trim(fmt.Sprint(lists[i]), "[]"), " ", ","))
	}
	r, err := http.NewRequest(http.MethodPost, one.url+"/calc/bulk", strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	sent, err := fetch[bulkJob](r, http.StatusAccepted)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 90*time.Second, "the file is worked out", func() error {
		r, err := http.NewRequest(http.MethodGet, two.url+"/calc/bulk/"+sent.ID, nil)
		if err != nil {
			return err
		}
		got, err := fetch[bulkJob](r, http.StatusOK)
		if err == nil && (got.State != "done" || got.Done != rows) {
			err = fmt.Errorf("%+v", got)
		}
		return err
	})
	table, err := csv.NewReader(bytes.NewReader(download(t, two.url, "/calc/bulk/"+sent.ID+".csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(table) != rows+1 {
		t.Fatalf("got %d rows, want %d and a heading", len(table), rows)
	}
	column := make(map[string]int)
	for i, name := range table[0] {
		column[name] = i
	}
	for i, row := range table[1:] {
		cell := func(name string) string { return row[column[name]] }
		answer := calcJob{}
		if _, err := fmt.Sscan(cell("min")+" "+cell("max")+" "+cell("mean")+" "+cell("median"), &answer.Min, &answer.Max, &answer.Mean, &answer.Median); err != nil {
			t.Fatalf("row %d: %q: %v", i+1, row, err)
		}
		if err := check(lists[i], answer); err != nil {
			t.Errorf("row %d: %v", i+1, err)
		}
	}
}

// All results of a batch come in one archive.
func TestZip(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	photo := photograph(160, 120)
	sent, err := upload(web.url, []file{{"a.jpg", photo}, {"b.jpg", photo}}, map[string]string{"preset": "classic", "strength": "30"})
	if err != nil {
		t.Fatal(err)
	}
	batch := finished(t, web.url, sent.ID)
	data := download(t, web.url, "/pics/"+sent.ID+"/zip")
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.File) != len(batch.Pictures) {
		t.Fatalf("the archive has %d files, want %d", len(archive.File), len(batch.Pictures))
	}
	for i, f := range archive.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(content)
		content.Close()
		if err != nil || !bytes.Equal(got, download(t, web.url, batch.Pictures[i].Download)) {
			t.Errorf("%s differs from the download: %v", f.Name, err)
		}
	}
}

// A browser's recent jobs are shown by another instance, too.
func TestRecent(t *testing.T) {
	s := newSystem(t, unlimited)
	one := s.startWeb("CLOUDWORKS_INSTANCE=one")
	two := secondWeb(s, one)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor := http.Client{Jar: jar}
	page, err := visitor.PostForm(one.url+"/calc", url.Values{"numbers": {twenty}})
	if err := ok(page, err); err != nil {
		t.Fatal(err)
	}
	id := page.Request.URL.Path
	home, err := visitor.Get(two.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer home.Body.Close()
	doc, err := goquery.NewDocumentFromReader(home.Body)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Find(fmt.Sprintf("#recent a[href=%q]", id)).Length() == 0 {
		t.Errorf("%s isn't among the recent jobs", id)
	}
}

// An operator sees a dead letter, and drops it.
func TestDeadLetters(t *testing.T) {
	s := newSystem(t)
	s.startWeb()
	s.bury()
	// Who looks at a letter hides it from the next for a while.
	eventually(t, 30*time.Second, "the letter is dropped", func() error {
		shown := s.operate("dlq", "show", "inbox")
		id, _, _ := strings.Cut(shown, " ")
		if !strings.Contains(shown, "another-bucket") {
			return errNotYet
		}
		s.operate("dlq", "drop", "inbox", id)
		return nil
	})
	if err := s.dead(0); err != nil {
		t.Error("the letter is still there")
	}
}

// An operator has a dead letter tried again. It is no better than before.
func TestRedrive(t *testing.T) {
	s := newSystem(t)
	web := s.startWeb()
	s.bury()
	eventually(t, 30*time.Second, "the letter is redriven", func() error {
		if got := s.operate("dlq", "redrive", "inbox"); !strings.HasPrefix(got, "1 ") {
			return errors.New(got) // somebody looks at it
		}
		return nil
	})
	eventually(t, 30*time.Second, "the letter is refused again", func() error {
		if n := len(web.lines(`"outcome":"refused"`, "another-bucket")); n != 2 {
			return fmt.Errorf("refused %d times", n)
		}
		return s.dead(1)
	})
}

// bury sends a request that isn't to be trusted, and waits until it is dead.
func (s *system) bury() {
	s.t.Helper()
	newLab(s).send("inbox", "uploads/x/1/original another-bucket")
	eventually(s.t, 30*time.Second, "the letter is dead", func() error { return s.dead(1) })
}

// dead says whether an operator is told of so many dead letters of inbox.
func (s *system) dead(want int) error {
	said := s.operate("dlq", "list")
	for line := range strings.Lines(said) {
		if words := strings.Fields(line); len(words) == 4 && words[0] == "inbox" && words[3] == strconv.Itoa(want) {
			return nil
		}
	}
	return errors.New(said)
}

// operate runs the worker's program as an operator does, with rights of their
// own, and gives what it prints.
func (s *system) operate(args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, "worker"), args...)
	cmd.Env = append(os.Environ(), s.env...)
	if s.far != nil {
		cmd.Env = append(cmd.Env, at(s.far.sqs, s.far.s3, s.far.key, s.far.secret)...)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Logf("worker %s: %v: %s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out)
}
