package site_test

import (
	"strings"
	"testing"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

// A page asks more seldom as time goes by, says after a minute that it is late,
// and offers then to try again.
func TestWaitingPageAges(t *testing.T) {
	list := cloudcal.List{12, 7, 3}
	for _, c := range []struct {
		age            time.Duration
		state          jobs.State
		every, heading string
		again          bool
		steps          []string // as the timeline names them; * is where it stands
	}{
		{2 * time.Second, jobs.StateQueued, "every 1s", "In the queue", false, []string{"Queued*", "Computing", "Done"}},
		{16 * time.Second, jobs.StateWorking, "every 4s", "Working it out", false, []string{"Queued", "Computing*", "Done"}},
		{61 * time.Second, jobs.StateQueued, "every 10s", "Still waiting", true, []string{"Queued*", "Computing", "Done"}},
		{time.Hour, jobs.StateDead, "", "No answer to this list", true, []string{"Queued", "Computing", "No answer*"}},
		{time.Hour, jobs.StateFailed, "", "No answer to this list", false, []string{"Queued", "Computing", "No answer*"}},
	} {
		w := newWorld(t)
		w.calc.delay = -1
		doc := w.get("/calc/" + w.calc.put(cloudcal.Job{State: c.state, Numbers: &list, Submitted: time.Now().Add(-c.age)})).doc(t)
		if got := doc.Find("#job").AttrOr("data-hx-trigger", ""); got != c.every {
			t.Errorf("%s, %s: asks %q, want %q", c.state, c.age, got, c.every)
		}
		if got := text(doc.Find("h1")); got != c.heading {
			t.Errorf("%s, %s: heading %q, want %q", c.state, c.age, got, c.heading)
		}
		form := doc.Find("form.again")
		if got := form.Find("input[name=numbers]").AttrOr("value", ""); (form.Length() == 1) != c.again || c.again && !strings.HasPrefix(got, "12 7 3 0") {
			t.Errorf("%s, %s: %d ways to try again, with %q", c.state, c.age, form.Length(), got)
		}
		steps := doc.Find(".steps li").Map(func(_ int, s *goquery.Selection) string {
			name := text(s.Find("span"))
			if s.AttrOr("aria-current", "") == "step" {
				name += "*"
			}
			return name
		})
		if diff := cmp.Diff(c.steps, steps); diff != "" {
			t.Errorf("%s, %s: timeline (-want +got):\n%s", c.state, c.age, diff)
		}
		if _, err := time.Parse(time.RFC3339, doc.Find(".steps li time").First().AttrOr("datetime", "")); err != nil {
			t.Errorf("%s, %s: when it was queued: %v", c.state, c.age, err)
		}
	}
}

// The drawing says in words what it shows.
func TestPlotInWords(t *testing.T) {
	w := newWorld(t)
	doc := w.get(w.postForm("/calc", numbers(nil)).Header.Get("Location")).doc(t)
	const want = "Each dot is a number. The box goes from the lower quartile, 5.5, to the upper quartile, 15.5; the line in it is the median, 10.5, the diamond the mean, 10.5. The whiskers reach from 1 to 20."
	if got := text(doc.Find("#plot-text")); got != want {
		t.Errorf("got %q", got)
	}
	svg := doc.Find(".plot svg")
	if svg.AttrOr("role", "") != "img" || !strings.Contains(svg.AttrOr("aria-labelledby", ""), "plot-text") {
		t.Error("the words don't belong to the drawing")
	}
	if svg.Find(".box rect").Length() != 1 || svg.Find(".box .median").Length() != 1 || svg.Find(".dots .middle").Length() != 2 {
		t.Error("there is no box plot, or the middle pair isn't marked")
	}
	if got := doc.Find(".figures .how").Map(func(_ int, s *goquery.Selection) string { return text(s) }); got[2] != "210 ÷ 20, exactly" || got[3] != "(10 + 11) ÷ 2, the middle pair" {
		t.Errorf("how they come about: %q", got)
	}
}

// A finished picture says what was done, what was gained, and what was left
// out; the page says when all of it goes.
func TestPictureInWords(t *testing.T) {
	w := newWorld(t)
	at := w.postPics(nil, part{"strength", "", "20"}, part{"pictures", "a.jpg", jpg}).Header.Get("Location")
	doc := w.get(at).doc(t)
	card := text(doc.Find("#p1"))
	for _, want := range []string{"14.1 % better", "The quality index", "61.2 → 69.8", "auto, strength 20", "60 × 40", "JPEG", "GPS removed"} {
		if !strings.Contains(card, want) {
			t.Errorf("the picture's text lacks %q: %s", want, card)
		}
	}
	if got := doc.Find("#p1 .histogram svg").AttrOr("aria-label", ""); !strings.HasPrefix(got, "Brightness. Before: ") || !strings.Contains(got, "% dark") {
		t.Errorf("the histogram says %q", got)
	}
	expires, err := time.Parse(time.RFC3339, doc.Find("#actions time").AttrOr("datetime", ""))
	if err != nil || time.Until(expires) < 23*time.Hour {
		t.Errorf("all of it goes at %v, %v", expires, err)
	}
	if doc.Find(`#actions .sure form[action$="/delete"] button`).Length() != 1 || doc.Find(`#p1 form[action$="/1/again"]`).Length() != 1 {
		t.Error("no way to delete it, or to enhance it again")
	}
	// Telephones offer camera and library, and make a JPEG of what they have.
	accept := w.get("/").doc(t).Find("#pictures").AttrOr("accept", "")
	if !strings.Contains(accept, "image/jpeg") || strings.Contains(accept, "heic") {
		t.Errorf("accepted are %q", accept)
	}
}
