package cloudpic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/jobs"
)

// The test's own program serves as the child.
func TestMain(m *testing.M) {
	switch os.Getenv("CLOUDPIC_TEST_CHILD") {
	case "":
		os.Exit(m.Run())
	case "works":
		if err := RunChild(os.Args[1:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "greedy":
		if err := limitMemory(256 << 20); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		var kept [][]byte
		for range 4096 { // 4 GiB, unless somebody stops it
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			kept = append(kept, b)
		}
		fmt.Println(len(kept))
	case "dies":
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = p.Kill()
		}
		fmt.Fprintln(os.Stderr, err)
		select {}
	}
}

func apart(t *testing.T, how string) *Worker {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLOUDPIC_TEST_CHILD", how)
	return NewWorker(WorkerOptions{Bucket: newStore(), Child: []string{self}})
}

// A child gives what the worker itself would have given.
func TestChildGivesTheSame(t *testing.T) {
	w := apart(t, "works")
	data := photo(t)
	for _, o := range []Options{classic, DefaultOptions()} {
		want, err := Enhance(data, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.enhanceApart(t.Context(), data, o, 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", o, diff)
		}
	}
	_, err := w.enhanceApart(t.Context(), []byte("Dear diary"), classic, 64<<20)
	if e, ok := errors.AsType[*jobs.Error](err); !ok || !jobs.Permanent(e) || !strings.Contains(e.Message, "text") {
		t.Errorf("a text gives %v, want a permanent error that says so", err)
	}
}

// What kills the process kills the child alone, and may be tried again.
func TestChildDies(t *testing.T) {
	for _, how := range []string{"dies", "greedy"} {
		_, err := apart(t, how).enhanceApart(t.Context(), photo(t), classic, 64<<20)
		if _, poison := errors.AsType[*jobs.Poison](err); !poison || jobs.Permanent(err) {
			t.Errorf("%s: got %v, want poison, and an error that may pass", how, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := apart(t, "works").enhanceApart(ctx, photo(t), classic, 64<<20)
	if _, poison := errors.AsType[*jobs.Poison](err); err == nil || poison {
		t.Errorf("cancelled: got %v, want an error that suspects nobody", err)
	}
}

// Only a picture that was received before is worked on in a child.
func TestChildOnlyWhenReceivedBefore(t *testing.T) {
	w := apart(t, "dies")
	batch := (&Client{}).Begin()
	key := uploadKey(batch, 1, originalName)
	if err := w.bucket.Put(t.Context(), jobs.Object{Key: key}, bytes.NewReader(photo(t))); err != nil {
		t.Fatal(err)
	}
	request := job(batch+".1", key+" "+bucket, nil)
	for receives, works := range map[int]bool{1: true, 2: false} {
		request.ReceiveCount = receives
		if _, err := w.Work(t.Context(), request); (err == nil) != works {
			t.Errorf("receive %d: %v", receives, err)
		}
	}
}
