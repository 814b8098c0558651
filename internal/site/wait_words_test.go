package site

import (
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

func TestWaitWords(t *testing.T) {
	for _, c := range []struct {
		ahead int
		wait  time.Duration
		want  string
	}{
		{300, 4999 * time.Millisecond, ""},
		{0, 7 * time.Second, "Nobody is ahead of you: ready in about 10 s."},
		{1, 61 * time.Second, "At most 1 picture is ahead of yours: ready in about 1½ minutes."},
		{17, 52 * time.Second, "Up to 17 pictures are ahead of yours: ready in about 55 s."},
		{21, 56 * time.Second, "Up to 25 pictures are ahead of yours: ready in about a minute."},
		{101, 100 * time.Second, "Up to 110 pictures are ahead of yours: ready in about 2 minutes."},
		{256, 170 * time.Second, "Up to 300 pictures are ahead of yours: ready in about 3 minutes."},
		{1_234, 9 * time.Minute, "Up to 1,300 pictures are ahead of yours: ready in about 9 minutes."},
		{12_345, 50 * time.Minute, "Up to 13,000 pictures are ahead of yours: ready in about 50 minutes."},
		{99_999, 3 * time.Hour, "Up to 100,000 pictures are ahead of yours: ready in about 3 hours."},
	} {
		w := wait{jobs.Place{Ahead: c.ahead, Wait: c.wait}, true}
		if got := w.text("picture", "ready"); got != c.want {
			t.Errorf("%d, %s: got %q, want %q", c.ahead, c.wait, got, c.want)
		}
		if (w.seen() == "") != (c.want == "") {
			t.Errorf("%d, %s: seen as %q", c.ahead, c.wait, w.seen())
		}
	}
	if got := (wait{}).text("picture", "ready"); got != "" {
		t.Errorf("nothing known: got %q", got)
	}
}
