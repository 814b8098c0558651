package cloudcal

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/jobs"
)

func mustList(t testing.TB, text string) List {
	t.Helper()
	l, err := ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRequestRoundTrip(t *testing.T) {
	lines := []Line{
		{ID: "A2B", List: mustList(t, twenty)},
		{List: mustList(t, strings.Replace(twenty, "1 ", "-9223372036854775808 ", 1))},
	}
	body := FormatRequest(lines)
	want := "A2B " + twenty + "\n" + strings.Replace(twenty, "1 ", "-9223372036854775808 ", 1)
	if body != want {
		t.Errorf("got %q, want %q", body, want)
	}
	got, err := ParseRequest(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Error(diff)
	}
}

// A line that is no list keeps its place and its id; the others go on.
func TestRequestWithBadLines(t *testing.T) {
	got, err := ParseRequest("ABCDEFGHIJKLMNOPQRSTUVWXYZ 1 2 3\nB " + twenty + "\nnonsense\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].ID != "ABCDEFGHIJKLMNOPQRSTUVWXYZ" || got[0].Err == nil || got[1].ID != "B" || got[1].Err != nil || got[2].Err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestRequestLimits(t *testing.T) {
	for name, body := range map[string]string{
		"empty":     " \n ",
		"501 lists": strings.Repeat(twenty+"\n", 501),
		"257 KiB":   strings.Repeat("1", 257<<10),
	} {
		if _, err := ParseRequest(body); !jobs.Permanent(err) {
			t.Errorf("%s: got error %v, want a permanent one", name, err)
		}
	}
	if lines, err := ParseRequest(strings.Repeat(twenty+"\n", 500)); err != nil || len(lines) != 500 {
		t.Errorf("500 lists: got %d, %v", len(lines), err)
	}
}

func TestReplyRoundTrip(t *testing.T) {
	answers := []Answer{
		{ID: "A", Summary: Compute(mustList(t, twenty))},
		{ID: "B", Err: &jobs.Error{Code: jobs.CodeInvalid, Message: "That makes\n19."}},
		{Summary: Compute(List{1, 1, -4})},
	}
	body := FormatReply(answers)
	if want := "A 1 20 10.5 10.5\nB error: That makes 19.\n-4 1 -0.1 0"; body != want {
		t.Errorf("got %q, want %q", body, want)
	}
	got, err := ParseReply(body)
	if err != nil {
		t.Fatal(err)
	}
	answers[1].Err.Message = "That makes 19."
	if diff := cmp.Diff(answers, got, cmp.AllowUnexported(Decimal{})); diff != "" {
		t.Error(diff)
	}
}

func TestLogRoundTrip(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 4e6, time.UTC)
	log := FormatLog(at, []Line{
		{ID: "A", List: mustList(t, twenty)},
		{ID: "B", Err: &jobs.Error{Code: jobs.CodeInvalid, Message: "That makes 19."}},
	})
	want := "2026-11-24T01:02:03.004Z A numbers=" + twenty + " min=1 max=20 mean=10.5 median=10.5\n" +
		"2026-11-24T01:02:03.004Z B error=That makes 19.\n"
	if log != want {
		t.Errorf("got %q, want %q", log, want)
	}
	line, ok := FindLog(log, "A")
	if !ok {
		t.Fatal("no line A")
	}
	got, err := ParseLog(line)
	if err != nil {
		t.Fatal(err)
	}
	wantEntry := LogEntry{Time: at, ID: "A", List: mustList(t, twenty), Summary: Compute(mustList(t, twenty))}
	if diff := cmp.Diff(wantEntry, got, cmp.AllowUnexported(Decimal{})); diff != "" {
		t.Error(diff)
	}
	if _, ok := FindLog(log, "C"); ok {
		t.Error("found a line C")
	}
	if line, _ := FindLog(log, "B"); !strings.HasSuffix(line, "error=That makes 19.") {
		t.Errorf("line B is %q", line)
	}
}

func TestIDs(t *testing.T) {
	key := []byte("a key that all instances share")
	message := jobs.NewID(time.Now())
	list := newListID(key, message)
	id := message + "." + list
	if m, l, ok := splitID(key, id); !ok || m != message || l != list {
		t.Errorf("splitID(%q) = %q, %q, %v", id, m, l, ok)
	}
	other := jobs.NewID(time.Now())
	for _, bad := range []string{
		"", ".", message, list, message + ".", other + "." + list, message + "." + newListID([]byte("another key"), message),
		strings.ToLower(id), id + "A", id[:len(id)-1], id[:len(id)-1] + "1", "../" + id,
	} {
		if _, _, ok := splitID(key, bad); ok {
			t.Errorf("splitID(%q) is taken", bad)
		}
	}
	// The line's id must not look like a number on the wire.
	for range 1000 {
		if l := newListID(key, message); !isLineID(l) {
			t.Fatalf("%q is no line id", l)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add("A2B " + twenty)
	f.Add(twenty + "\r\nx " + twenty)
	f.Add("\n\n")
	f.Fuzz(func(t *testing.T, body string) {
		lines, err := ParseRequest(body)
		if err != nil {
			return
		}
		answers := make([]Answer, len(lines))
		for i, l := range lines {
			answers[i] = Answer{ID: l.ID, Err: l.Err}
			if l.Err == nil {
				answers[i].Summary = Compute(l.List)
			}
		}
		got, err := ParseReply(FormatReply(answers))
		if err != nil || len(got) != len(answers) {
			t.Fatalf("reply to %q: %d answers, %v", body, len(got), err)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	f.Add("A 1 20 10.5 10.5\nB error: no")
	f.Fuzz(func(t *testing.T, body string) {
		answers, err := ParseReply(body)
		if err != nil {
			return
		}
		if again, err := ParseReply(FormatReply(answers)); err != nil || len(again) != len(answers) {
			t.Errorf("%q doesn't survive: %v", body, err)
		}
	})
}

func FuzzParseLog(f *testing.F) {
	f.Add("2026-11-24T01:02:03.004Z A numbers=" + twenty + " min=1 max=20 mean=10.5 median=10.5")
	f.Add("2026-11-24T01:02:03.004Z B error=no")
	f.Add("2026-11-24T01:02:03.004Z - error=dead: no worker lived")
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ParseLog(line)
		if err == nil && e.Err == nil && e.Time.IsZero() && e.ID == "" {
			t.Errorf("%q gives nothing", line)
		}
	})
}
