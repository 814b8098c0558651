package cloudpic

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

const bucket = "cloudworks"

func TestRequestRoundTrip(t *testing.T) {
	batch := jobs.NewID(time.Now())
	want := Request{
		Key: "uploads/" + batch + "/3/original", Options: Options{Preset: enhance.Classic, Strength: 12},
		Attempt: 2, Batch: batch, Number: 3,
	}
	body, attrs := FormatRequest(want, bucket)
	if body != want.Key+" "+bucket {
		t.Errorf("body is %q", body)
	}
	got, err := ParseRequest(job(batch+".3", body, attrs), bucket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func job(id, body string, attrs map[string]string) jobs.Job {
	return jobs.Job{ID: id, Delivery: jobs.Delivery{Message: jobs.Message{Body: body, Attributes: attrs}}}
}

func TestParseRequest(t *testing.T) {
	batch := jobs.NewID(time.Now())
	key := "uploads/" + batch + "/1/original"
	tests := []struct {
		name, id, body string
		attrs          map[string]string
		refused        bool      // goes to the dead-letter queue
		code           jobs.Code // else: is answered with this, or taken
	}{
		{name: "own", id: batch + ".1", body: key + " cloudworks"},
		{name: "line end", id: batch + ".1", body: key + " cloudworks\n"},
		{name: "bare", body: "my photo.jpg cloudworks"},
		{name: "another bucket", id: batch + ".1", body: key + " other", refused: true},
		{name: "another picture", id: batch + ".2", body: key + " cloudworks", refused: true},
		{name: "another batch", id: jobs.NewID(time.Now()) + ".1", body: key + " cloudworks", refused: true},
		{name: "not under uploads", id: batch + ".1", body: "state/ids.key cloudworks", refused: true},
		{name: "bad id", id: "../../x.1", body: key + " cloudworks", refused: true},
		{name: "number 21", id: batch + ".21", body: "uploads/" + batch + "/21/original cloudworks", refused: true},
		{name: "number 01", id: batch + ".01", body: "uploads/" + batch + "/01/original cloudworks", refused: true},
		{name: "bare on a secret", body: "state/ids.key cloudworks", refused: true},
		{name: "bare on a log", body: "logs/cloudcal/x.txt cloudworks", refused: true},
		{name: "bad attempt", id: batch + ".1", body: key + " cloudworks", attrs: map[string]string{jobs.AttrAttempt: "-1"}, refused: true},
		{name: "no bucket", body: "photo.jpg", code: jobs.CodeInvalid},
		{name: "empty", body: "", code: jobs.CodeInvalid},
		{name: "bad preset", body: "photo.jpg cloudworks", attrs: map[string]string{jobs.AttrPreset: "vivid"}, code: jobs.CodeInvalid},
		{name: "strength 31", body: "photo.jpg cloudworks", attrs: map[string]string{jobs.AttrStrength: "31"}, code: jobs.CodeInvalid},
		{name: "strength -1", body: "photo.jpg cloudworks", attrs: map[string]string{jobs.AttrStrength: "-1"}, code: jobs.CodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseRequest(job(tt.id, tt.body, tt.attrs), bucket)
			_, refused := errors.AsType[*jobs.Refused](err)
			switch {
			case refused != tt.refused:
				t.Errorf("got %v, want it refused: %v", err, tt.refused)
			case tt.code != "" && jobs.Public(err).Code != tt.code:
				t.Errorf("got %v, want code %s", err, tt.code)
			case tt.code == "" && !tt.refused && err != nil:
				t.Errorf("got %v, want it taken", err)
			}
		})
	}
}

// A bare request's results stay in a corner of their own.
func TestLabResults(t *testing.T) {
	r, err := ParseRequest(job("", "results/a/1/enhanced cloudworks", nil), bucket)
	if err != nil || r.resultKey("enhanced") != "results/lab/results/a/1/enhanced/enhanced" {
		t.Errorf("got %q, %v", r.resultKey("enhanced"), err)
	}
}

func TestResultMetadata(t *testing.T) {
	want := Result{
		File:    File{ContentType: "image/jpeg", Size: 1234, Width: 40, Height: 30},
		Options: Options{Preset: enhance.Auto, Strength: 30}, Before: 41.25, After: 50.5, Gain: 22.424,
		GPSRemoved: true, HistogramBefore: make([]uint8, 64), HistogramAfter: []uint8(strings.Repeat("\xff", 64)),
	}
	meta := resultMetadata(want, 3)
	size := 0
	for k, v := range meta {
		size += len(k) + len(v)
	}
	if size > 2048 {
		t.Errorf("the metadata has %d bytes; S3 takes 2048", size)
	}
	got, attempt := readResult(jobs.Object{ContentType: "image/jpeg", Size: 1234, Metadata: meta})
	if attempt != 3 {
		t.Errorf("attempt is %d", attempt)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseRequest(f *testing.F) {
	batch := jobs.NewID(time.Now())
	f.Add(batch+".1", "uploads/"+batch+"/1/original cloudworks", "auto", "30", "1")
	f.Add("", "a b c cloudworks", "", "", "")
	f.Fuzz(func(t *testing.T, id, body, preset, strength, attempt string) {
		r, err := ParseRequest(job(id, body, map[string]string{
			jobs.AttrPreset: preset, jobs.AttrStrength: strength, jobs.AttrAttempt: attempt,
		}), bucket)
		if err != nil {
			return
		}
		if r.Options.Validate() != nil || r.Attempt < 1 || strings.HasPrefix(r.Key, "state/") {
			t.Errorf("taken: %+v", r)
		}
		if key := r.resultKey("enhanced"); !strings.HasPrefix(key, results) {
			t.Errorf("the result of %+v goes to %q", r, key)
		}
	})
}
