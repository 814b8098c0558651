package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// calcJob is the API's answer about one list.
type calcJob struct {
	ID      string      `json:"id"`
	URL     string      `json:"url"`
	State   string      `json:"state"`
	Numbers []int64     `json:"numbers"`
	Min     json.Number `json:"min"`
	Max     json.Number `json:"max"`
	Mean    json.Number `json:"mean"`
	Median  json.Number `json:"median"`
	Error   string      `json:"error"`
}

// submit sends a list through the API.
func submit(base string, numbers []int64) (calcJob, error) {
	body, err := json.Marshal(map[string]any{"numbers": numbers})
	if err != nil {
		return calcJob{}, err
	}
	r, err := http.NewRequest(http.MethodPost, base+"/calc", bytes.NewReader(body))
	if err != nil {
		return calcJob{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	return fetch[calcJob](r, http.StatusAccepted)
}

// look asks for a list's state through the API.
func look(base, id string) (calcJob, error) {
	r, err := http.NewRequest(http.MethodGet, base+"/calc/"+id, nil)
	if err != nil {
		return calcJob{}, err
	}
	return fetch[calcJob](r, http.StatusOK)
}

// fetch asks for JSON and wants the status.
func fetch[T any](r *http.Request, want int) (T, error) {
	var v T
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return v, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return v, err
	}
	if answer.StatusCode != want {
		return v, fmt.Errorf("%s %s: %s, want %d: %.300s", r.Method, r.URL, answer.Status, want, text)
	}
	return v, json.Unmarshal(text, &v)
}

// randomList gives numbers small enough for the test's own arithmetic.
func randomList() []int64 {
	numbers := make([]int64, 20)
	for i := range numbers {
		numbers[i] = rand.Int64N(2_000_001) - 1_000_000
	}
	return numbers
}

// check compares an answer with arithmetic of the test's own.
func check(numbers []int64, got calcJob) error {
	sorted := slices.Sorted(slices.Values(numbers))
	var sum int64
	for _, n := range numbers {
		sum += n
	}
	trim := func(f string) string { return strings.TrimSuffix(strings.TrimRight(f, "0"), ".") }
	want := fmt.Sprintf("%d %d %s %s", sorted[0], sorted[19], trim(fmt.Sprintf("%.2f", float64(sum)/20)), trim(fmt.Sprintf("%.2f", float64(sorted[9]+sorted[10])/2)))
	if have := fmt.Sprintf("%s %s %s %s", got.Min, got.Max, got.Mean, got.Median); have != strings.ReplaceAll(want, "-0 ", "0 ") {
		return fmt.Errorf("%v: got %s, want %s", numbers, have, want)
	}
	return nil
}

// solve sends a list to one instance and reads the answer from another.
func solve(t *testing.T, to, from string) {
	numbers := randomList()
	sent, err := submit(to, numbers)
	if err != nil {
		t.Error(err)
		return
	}
	var got calcJob
	deadline := time.Now().Add(60 * time.Second)
	for got.State != "done" && time.Now().Before(deadline) {
		got, err = look(from, sent.ID)
		if engine != nil && err != nil && strings.Contains(err.Error(), "503 Service Unavailable") {
			rest(t.Context(), 100*time.Millisecond) // a slow engine, which the visitor is told to try again
			continue
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
	if got.State != "done" {
		t.Errorf("%s is %s after a minute: %s", sent.ID, got.State, got.Error)
		return
	}
	if !slices.Equal(got.Numbers, numbers) {
		t.Errorf("%s shows the numbers %v, sent were %v", sent.ID, got.Numbers, numbers)
	}
	if err := check(numbers, got); err != nil {
		t.Error(err)
	}
}

// unlimited lifts the limits on requests from one address: a test's visitors
// all have the same.
const unlimited = "CLOUDWORKS_RATE_LIMIT=0"

// Two hundred visitors at once: everyone gets the answer to their own list.
func TestManyVisitors(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	var visitors sync.WaitGroup
	for range 200 {
		visitors.Go(func() { solve(t, web.url, web.url) })
	}
	visitors.Wait()
}

// Two web instances and two workers on one backend: a page is right whoever
// is asked for it.
func TestTwoInstances(t *testing.T) {
	s := newSystem(t, unlimited)
	one := s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=one")
	two := secondWeb(s, one)
	s.startWorker()
	s.startWorker()
	urls := []string{one.url, two.url}
	var visitors sync.WaitGroup
	for i := range 60 {
		visitors.Go(func() { solve(t, urls[i%2], urls[i/2%2]) })
	}
	visitors.Wait()
}

// secondWeb starts a web instance that uses the backend of the first, as two
// instances share one SQS and S3 in production.
func secondWeb(s *system, _ *process) *process {
	s.t.Helper()
	if s.far != nil {
		return s.startWeb("CLOUDWORKS_INSTANCE=two", "CLOUDWORKS_WORKER=none")
	}
	return s.startWeb("CLOUDWORKS_BACKEND=aws", "CLOUDWORKS_INSTANCE=two", "CLOUDWORKS_WORKER=none",
		"AWS_ENDPOINT_URL=http://"+s.local, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=cloudworks", "AWS_SECRET_ACCESS_KEY=cloudworks")
}
