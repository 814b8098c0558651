package jobs

import (
	"strings"
	"testing"
	"time"
)

func TestIDTime(t *testing.T) {
	const token = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	tests := []struct {
		id string
		ok bool
	}{
		{"20261124T024646-" + token, true},
		{"20240229T235959-" + token, true},
		{"", false},
		{"20261124T024646", false},
		{"20261124T024646-", false},
		{"20261124T024646-" + token[1:], false},
		{"20261124T024646-" + token + "A", false},
		{"20261124T024646-" + strings.ToLower(token), false},
		{"20261124T024646-ABCDEFGHIJKLMNOPQRSTUVWX01", false},
		{"20261124T024646-ABCDEFGHIJKLMNOPQRSTUVWX/.", false},
		{"20250229T000000-" + token, false},
		{"20261124T244646-" + token, false},
		{"20261124 024646-" + token, false},
		{"20261124T024646.5-" + token, false},
		{" 20261124T024646-" + token, false},
		{"2026112４T02464-" + token, false},
	}
	for _, test := range tests {
		at, ok := IDTime(test.id)
		if ok != test.ok || ok && at.Format(idTime) != test.id[:len(idTime)] {
			t.Errorf("IDTime(%q) = %v, %v; want %v", test.id, at, ok, test.ok)
		}
	}
}

func TestNewID(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 46, 46, 999, time.FixedZone("", 3600))
	a, b := NewID(now), NewID(now)
	if a == b {
		t.Error("two ids are alike")
	}
	if at, ok := IDTime(a); !ok || !at.Equal(now.Truncate(time.Second)) {
		t.Errorf("IDTime(%q) = %v, %v", a, at, ok)
	}
	if !strings.HasPrefix(a, "20261124T014646-") || !IsToken(NewToken()) {
		t.Errorf("got %q", a)
	}
}

// What IDTime takes is what NewID can make: it can stand in a key.
func FuzzIDTime(f *testing.F) {
	f.Add(NewID(time.Now()))
	f.Add("20261124T024646-../../../../../../../../..")
	f.Fuzz(func(t *testing.T, id string) {
		at, ok := IDTime(id)
		if !ok {
			return
		}
		if len(id) != len(idTime)+1+randLen || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("IDTime took %q", id)
		}
		if again := at.Format(idTime) + id[len(idTime):]; again != id {
			t.Errorf("%q comes back as %q", id, again)
		}
	})
}

func TestReplyQueue(t *testing.T) {
	tests := []struct{ instance, want string }{
		{"web-1", "replies-web-1"},
		{"host.example:8080", "replies-host-example-8080"},
		{"ä/../ß", "replies-------"},
		{strings.Repeat("x", 100), "replies-" + strings.Repeat("x", 60)},
	}
	for _, test := range tests {
		if got := ReplyQueue(test.instance); got != test.want || !IsReplyQueue(got) {
			t.Errorf("ReplyQueue(%q) = %q, want %q", test.instance, got, test.want)
		}
	}
	for _, name := range []string{"", "replies", "replies-", "work", "xreplies-a", "replies-a/b", "replies-a b", "replies-a\n", "replies-ä",
		"replies-" + strings.Repeat("x", 80), "https://sqs/replies-a"} {
		if IsReplyQueue(name) {
			t.Errorf("IsReplyQueue(%q)", name)
		}
	}
}

// A request may name a reply queue and nothing else.
func FuzzIsReplyQueue(f *testing.F) {
	f.Add("replies-web")
	f.Add("replies-\x00")
	f.Fuzz(func(t *testing.T, name string) {
		if !IsReplyQueue(name) {
			return
		}
		rest := strings.TrimPrefix(name, ReplyPrefix)
		if rest == name || rest == "" || len(name) > 80 || strings.ContainsAny(name, "/.:%?# \t\r\n") {
			t.Errorf("took %q", name)
		}
		if len(rest) <= 60 && ReplyQueue(rest) != name {
			t.Errorf("%q isn't ReplyQueue's", name)
		}
	})
}

func TestBackoff(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name     string
		b        Backoff
		failures int
		whole    time.Duration
	}{
		{"first", Backoff{First: s, Max: time.Minute}, 1, s},
		{"doubles", Backoff{First: s, Max: time.Minute}, 4, 8 * s},
		{"at most", Backoff{First: s, Max: time.Minute}, 7, time.Minute},
		{"very many", Backoff{First: s, Max: time.Minute}, 1 << 30, time.Minute},
		{"no overflow", Backoff{First: s, Max: 1<<63 - 1}, 1000, 1<<63 - 1},
		{"factor", Backoff{First: s, Max: time.Hour, Factor: 4}, 4, 64 * s},
		{"constant", Backoff{First: s, Max: time.Hour, Factor: 1}, 9, s},
		{"none yet", Backoff{First: s, Max: time.Minute}, 0, s},
		{"first over the most", Backoff{First: time.Hour, Max: time.Minute}, 1, time.Minute},
		{"nothing", Backoff{}, 3, 0},
	}
	for _, test := range tests {
		least, most := test.whole, time.Duration(0)
		for range 200 {
			d := test.b.Delay(test.failures)
			least, most = min(least, d), max(most, d)
		}
		if least < test.whole/2 || most > test.whole {
			t.Errorf("%s: %v to %v, want %v to %v", test.name, least, most, test.whole/2, test.whole)
		}
		if test.whole > time.Millisecond && most-least < test.whole/4 {
			t.Errorf("%s: %v to %v is no jitter", test.name, least, most)
		}
	}
}

func TestErrors(t *testing.T) {
	unavailable := Errorf(CodeUnavailable, "later")
	for _, test := range []struct {
		err       error
		permanent bool
		code      Code
	}{
		{Errorf(CodeInvalid, "no"), true, CodeInvalid},
		{Errorf(CodeNotFound, "gone"), true, CodeNotFound},
		{unavailable, false, CodeUnavailable},
		{errFake, false, CodeInternal},
		{&Error{Code: CodeDead, Message: "dead", Err: unavailable}, true, CodeDead},
	} {
		if got := Permanent(test.err); got != test.permanent {
			t.Errorf("Permanent(%v) = %v", test.err, got)
		}
		if got := Public(test.err); got.Code != test.code || strings.Contains(got.Message, errFake.Error()) {
			t.Errorf("Public(%v) = %v", test.err, got)
		}
	}
}
