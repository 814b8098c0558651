package ops

import (
	"context"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"cloudworks/internal/jobs"
)

// busy gives metrics of a process to which everything has happened.
func busy(t *testing.T) *Metrics {
	t.Helper()
	m := NewMetrics("a codec")
	m.Call(Call{Service: "SQS", Operation: "SendMessageBatch", Took: 6 * time.Millisecond, Try: 1, Entries: 10, Bytes: 200_000})
	m.Call(Call{Service: "S3", Operation: "PutObject", Took: time.Second, Err: errors.New("slow down"), Try: 1, Entries: -1})
	m.Call(Call{Service: "S3", Operation: "PutObject", Took: time.Millisecond, Try: 2, Entries: -1})
	m.Call(Call{Service: "S3", Operation: "DeleteObjects", Took: time.Millisecond, Try: 1, Entries: -1})
	m.Spared("S3", "GetObject")
	m.Sent("cloudcal", 40)
	m.Answered("cloudcal", 40)
	m.Job(jobs.Finished{Kind: "cloudcal", Attempt: 1, Outcome: jobs.OutcomeDone, Waited: time.Millisecond, Took: 3 * time.Millisecond})
	m.Job(jobs.Finished{Kind: "cloudcal", Attempt: 2, Outcome: jobs.OutcomeRetry, Waited: time.Second, Took: 3 * time.Millisecond})
	m.Job(jobs.Finished{Kind: "cloudcal", Attempt: 6, Outcome: jobs.OutcomeFoundDead, Took: 3 * time.Millisecond})
	m.Duplicate()
	m.Request("/calc/{id}", 200, time.Millisecond)
	m.Watch(Sources{
		Pools: func() []jobs.PoolState {
			return []jobs.PoolState{{
				Kind: "cloudpic", Requests: "inbox", Slots: 8, InHand: 5, Working: 3, Oldest: time.Now().Add(-time.Minute),
				Waits: 7 * time.Second, Known: true, Cautious: true, Heartbeats: 9, Unheard: 1,
			}}
		},
		Unanswered: func() map[string]jobs.Unanswered {
			return map[string]jobs.Unanswered{"cloudcal": {Requests: 2, Oldest: time.Now().Add(-time.Hour / 2)}, "cloudpic": {}}
		},
		Depths: func(context.Context) []Depth {
			return []Depth{
				{Kind: "cloudpic", Queue: "inbox", Visible: 4, InFlight: 5, Delayed: 6},
				{Kind: "cloudpic", Queue: "inbox-dlq", Dead: true, Visible: 1, InFlight: 1},
				{Kind: "cloudcal", Queue: "requestQueue", Err: errors.New("no answer")},
			}
		},
		Spared: func() map[string]float64 { return map[string]float64{"S3": 0.25} },
	})
	return m
}

// What is counted can be read.
func TestMetrics(t *testing.T) {
	_, body := get(t, plain(t, busy(t), nil), "/metrics")
	for _, want := range []string{
		`cloudworks_call_seconds_count{operation="SendMessageBatch",outcome="ok",service="SQS"} 1`,
		`cloudworks_call_seconds_count{operation="PutObject",outcome="error",service="S3"} 1`,
		`cloudworks_call_retries_total{operation="PutObject",service="S3"} 1`,
		`cloudworks_calls_spared_total{operation="GetObject",service="S3"} 1`,
		`cloudworks_calls_spared_share{service="S3"} 0.25`,
		`cloudworks_batch_entries_sum{operation="SendMessageBatch"} 10`,
		`cloudworks_calls_per_job{operation="PutObject",service="S3"} 0.05`,
		`cloudworks_dollars_per_million_jobs{service="S3"} 0.25`,
		`cloudworks_dollars_per_million_jobs{service="SQS"} 0.04`,
		`cloudworks_sent_request_jobs_sum{kind="cloudcal"} 40`,
		`cloudworks_answered_request_jobs_count{kind="cloudcal"} 1`,
		`cloudworks_job_seconds_count{kind="cloudcal",outcome="done"} 1`,
		`cloudworks_job_seconds_count{kind="cloudcal",outcome="retry"} 1`,
		`cloudworks_job_seconds_count{kind="cloudcal",outcome="found dead"} 1`,
		`cloudworks_job_wait_seconds_count{kind="cloudcal"} 2`,
		`cloudworks_redeliveries_total{kind="cloudcal"} 1`,
		`cloudworks_duplicate_replies_total 1`,
		`cloudworks_worker_slots{kind="cloudpic"} 8`,
		`cloudworks_worker_in_hand{kind="cloudpic"} 5`,
		`cloudworks_worker_working{kind="cloudpic"} 3`,
		`cloudworks_worker_cautious{kind="cloudpic"} 1`,
		`cloudworks_heartbeats_total{kind="cloudpic",outcome="ok"} 9`,
		`cloudworks_heartbeats_total{kind="cloudpic",outcome="error"} 1`,
		`cloudworks_oldest_waiting_estimate_seconds{kind="cloudpic"} 7`,
		`cloudworks_unanswered_requests{kind="cloudcal"} 2`,
		`cloudworks_oldest_unanswered_seconds{kind="cloudpic"} 0`,
		`cloudworks_queue_messages{kind="cloudpic",queue="inbox",state="in flight"} 5`,
		`cloudworks_dead_letters{kind="cloudpic",queue="inbox-dlq"} 2`,
		`cloudworks_http_request_seconds_count{route="/calc/{id}",status="200"} 1`,
		`cloudworks_jpeg_codec_info{codec="a codec"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if strings.Contains(body, `queue="requestQueue"`) {
		t.Error("/metrics has a depth that isn't known")
	}
}

// offered gives the metrics of ours with their labels and types, as they are
// told once everything has happened.
func offered(t *testing.T) map[string][2]string {
	t.Helper()
	families, err := busy(t).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][2]string)
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "cloudworks_") {
			continue
		}
		labels := make(map[string]bool)
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		all[f.GetName()] = [2]string{strings.Join(slices.Sorted(maps.Keys(labels)), " "), strings.ToLower(dto.MetricType_name[int32(f.GetType())])}
	}
	return all
}

var documentedMetric = regexp.MustCompile("(?m)^\\| `(cloudworks_[a-z_]+)` \\|([a-z, ]*)\\| ([a-z]+) \\| .+ \\|$")

// The table in docs/operations.md has the metrics that are offered, all and no
// others.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string][2]string)
	for _, row := range documentedMetric.FindAllStringSubmatch(string(doc), -1) {
		labels := strings.FieldsFunc(row[2], func(r rune) bool { return r == ',' || r == ' ' })
		slices.Sort(labels)
		documented[row[1]] = [2]string{strings.Join(labels, " "), row[3]}
	}
	if diff := cmp.Diff(offered(t), documented); diff != "" {
		t.Errorf("labels and type by metric (-offered +documented):\n%s", diff)
	}
}

func TestPrice(t *testing.T) {
	for _, tt := range []struct {
		call Call
		want float64 // dollars a million
	}{
		{Call{Service: "SQS", Operation: "ReceiveMessage"}, 0.4},
		{Call{Service: "SQS", Operation: "SendMessageBatch", Bytes: 64 << 10}, 0.4},
		{Call{Service: "SQS", Operation: "SendMessageBatch", Bytes: 64<<10 + 1}, 0.8},
		{Call{Service: "S3", Operation: "PutObject"}, 5},
		{Call{Service: "S3", Operation: "ListObjectsV2"}, 5},
		{Call{Service: "S3", Operation: "HeadObject"}, 0.4},
		{Call{Service: "S3", Operation: "DeleteObjects"}, 0},
	} {
		if got := price(tt.call); got != tt.want {
			t.Errorf("%+v: got $%g a million, want $%g", tt.call, got, tt.want)
		}
	}
}

// Rates are those of the last minute.
func TestRates(t *testing.T) {
	var r recent
	now := time.Unix(1_000_000, 0)
	for i := range 120 { // two minutes, a request and a call a second
		at := now.Add(time.Duration(i) * time.Second)
		r.job(at, jobs.Finished{Kind: "cloudcal", Outcome: jobs.OutcomeDone, Waited: 2 * time.Second, Took: 500 * time.Millisecond})
		r.answered(at, "cloudcal", 10)
		r.call(at, Call{Service: "S3", Err: map[bool]error{true: errors.New("no")}[i%2 == 0]})
	}
	rates, calls := r.rates(now.Add(119 * time.Second))
	wantRates := []Rate{{Kind: "cloudcal", Jobs: 600, Requests: 60, Outcomes: map[jobs.Outcome]float64{"done": 60}, Wait: 2, Work: 0.5}}
	if diff := cmp.Diff(wantRates, rates); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]CallRate{{"S3", 60, 30}}, calls); diff != "" {
		t.Error(diff)
	}
	if rates, _ := r.rates(now.Add(time.Hour)); rates[0].Requests != 0 {
		t.Errorf("an hour later there are still %v", rates)
	}
}
