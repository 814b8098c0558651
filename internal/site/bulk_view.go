package site

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// maxShownBad is how many bad rows a page shows; the result has all of them.
const maxShownBad = 100

// bulkView prepares the page of a bulk.
func (s *Site) bulkView(b cloudcal.Bulk, w wait) templates.Bulk {
	now := s.now()
	v := templates.Bulk{
		ID: b.ID, State: string(b.State), Final: b.State.Final(),
		Done: strconv.Itoa(b.Done), All: strconv.Itoa(b.Rows),
		Figures: bulkFigures(b, now, w),
		JSON:    bulkPath + b.ID + "?format=json",
		Kept:    stampOf(b.Submitted.Add(s.opts.LogRetention)),
	}
	v.Heading, v.Lede = bulkWords(b, now)
	if b.Done == 0 { // later the rate says how long it takes
		v.Wait = w.text("request", "the file is worked out")
	}
	if b.State == jobs.StateDone {
		v.CSV = bulkPath + b.ID + ".csv"
	}
	if !v.Final {
		v.Every = pace(now.Sub(b.Submitted))
		v.Poll = bulkPath + b.ID + "/status?seen=" + url.QueryEscape(bulkSeen(b, now, w))
	}
	for _, bad := range b.Bad[:min(len(b.Bad), maxShownBad)] {
		v.Bad = append(v.Bad, templates.BadRow{Line: strconv.Itoa(bad.Line), Text: bad.Text, Why: bad.Message})
	}
	if more := len(b.Bad) - maxShownBad; more > 0 {
		v.MoreBad = "And " + grouped(more) + " more; the result names all of them."
	}
	return v
}

func bulkWords(b cloudcal.Bulk, now time.Time) (heading, lede string) {
	switch b.State {
	case jobs.StateDone:
		heading, lede = "Your file of lists", "All "+lists(b.Rows)+" are worked out."
		if b.Rows == 1 {
			lede = "The one list is worked out."
		}
		return heading, lede
	case jobs.StateDead:
		return "Part of the file has no answer", grouped(b.Done) + " of " + lists(b.Rows) + " were worked out, the rest was given up. Somebody looks at such cases; you can send the file again."
	}
	switch {
	case b.Done > 0:
		return "Working it out", grouped(b.Done) + " of " + lists(b.Rows) + " are done. You can close the page: the answer waits here."
	case now.Sub(b.Submitted) >= lateAge:
		return "Still waiting", "This takes longer than it should. The file is safe in the queue, and the answer will appear here."
	default:
		return "In the queue", lists(b.Rows) + " are safe. The answer appears here by itself."
	}
}

// bulkFigures are the counts, and the rate while there is one. How long it
// takes is known best from the queue.
func bulkFigures(b cloudcal.Bulk, now time.Time, w wait) []templates.Figure {
	out := []templates.Figure{{Name: "Lists", Value: grouped(b.Rows), How: "rows of twenty whole numbers"}}
	if !b.State.Final() {
		out = append(out, templates.Figure{Name: "Worked out", Value: grouped(b.Done), How: percent(b.Done, b.Rows) + " of the lists"})
	}
	bad := templates.Figure{Name: "Left out", Value: grouped(len(b.Bad)), How: "rows that are no lists"}
	if len(b.Bad) == 0 {
		bad.How = "every row is a list"
	}
	out = append(out, bad)
	if age := now.Sub(b.Submitted); b.Done > 0 && !b.State.Final() && age > 0 {
		rate := float64(b.Done) / age.Seconds()
		left := time.Duration(float64(b.Rows-b.Done) / rate * float64(time.Second))
		if w.known {
			left = w.Wait
		}
		out = append(out, templates.Figure{Name: "A second", Value: grouped(int(rate + .5)), How: "about " + spoken(left) + " to go"})
	}
	return out
}

func percent(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	return strconv.Itoa(part*100/whole) + " %"
}

func lists(n int) string {
	if n == 1 {
		return "1 list"
	}
	return grouped(n) + " lists"
}

// grouped writes a count with commas between the thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
