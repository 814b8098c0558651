package site

import (
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// pace is how often a page asks for news, by how long the job has been under
// way. It is part of what a page has seen: a new pace is news.
func pace(age time.Duration) string {
	switch {
	case age < 15*time.Second:
		return "1s"
	case age < lateAge:
		return "4s"
	default:
		return "10s"
	}
}

// lateAge is when a page says that it takes longer than it should.
const lateAge = time.Minute

// lateness marks what is late, in what a page has seen.
func lateness(age time.Duration) string {
	if age < lateAge {
		return ""
	}
	return "late"
}

// calcSeen names what a page of the job shows, for the next poll.
func calcSeen(job cloudcal.Job, now time.Time, w wait) string {
	return calcHeard(job, now) + "-" + pace(now.Sub(job.Submitted)) + "-" + w.seen()
}

// calcHeard names what of it is worth hearing: the state, and that it is late.
func calcHeard(job cloudcal.Job, now time.Time) string {
	return string(job.State) + lateness(now.Sub(job.Submitted))
}

// calcView prepares the page of a list.
func (s *Site) calcView(job cloudcal.Job, w wait) templates.Calc {
	now := s.now()
	v := templates.Calc{
		ID: job.ID, State: string(job.State), Final: job.State.Final(), Error: job.Error,
		Steps: calcSteps(job),
		Kept:  stampOf(job.Submitted.Add(s.opts.LogRetention)),
		Wait:  w.text("request", "it is worked out"),
	}
	v.Heading, v.Lede = calcWords(job, now)
	if job.Numbers != nil {
		v.Numbers = job.Numbers.String()
		v.Edit = "/?numbers=" + url.QueryEscape(strings.ReplaceAll(v.Numbers, " ", ",")) + "#cloudcal"
	}
	if !v.Final {
		v.Every = pace(now.Sub(job.Submitted))
		v.Poll = "/calc/" + job.ID + "/status?seen=" + url.QueryEscape(calcSeen(job, now, w))
	}
	if job.State == jobs.StateDone && job.Summary != nil && job.Numbers != nil {
		v.Result = calcResult(job)
	}
	v.Again = calcAgain(job, v.Numbers, now)
	return v
}

func calcWords(job cloudcal.Job, now time.Time) (heading, lede string) {
	switch job.State {
	case jobs.StateDone:
		return "Your twenty numbers", "Answered in " + took(job) + "."
	case jobs.StateFailed:
		return "No answer to this list", "It can't be worked out as it is."
	case jobs.StateDead:
		return "No answer to this list", "It was tried several times and given up. Somebody looks at such cases."
	}
	switch age := now.Sub(job.Submitted); {
	case age >= lateAge:
		return "Still waiting", "This takes longer than it should. The list is safe in the queue, and the answer will appear here."
	case job.State == jobs.StateWorking:
		return "Working it out", "A worker has the list. The answer appears here by itself."
	default:
		return "In the queue", "The list is safe. The answer appears here by itself."
	}
}

func calcSteps(job cloudcal.Job) []templates.Step {
	queued := clock(job.Submitted)
	steps := []templates.Step{{Name: "Queued", At: &queued, Done: true}, {Name: "Computing"}, {Name: "Done"}}
	switch job.State {
	case jobs.StateQueued:
		steps[0].Current = true
	case jobs.StateWorking:
		steps[1].Current, steps[1].Note = true, "now"
	default:
		steps[1].Done, steps[2].Done, steps[2].Current = true, true, true
		if !job.Answered.IsZero() {
			at := clock(job.Answered)
			steps[2].At = &at
			steps[1].Note = took(job)
		}
		if job.State != jobs.StateDone {
			steps[2].Name, steps[2].Wrong = "No answer", true
		}
	}
	return steps
}

// took tells how long the answer took. Where S3 alone knows, that is to the
// second.
func took(job cloudcal.Job) string {
	d := job.Answered.Sub(job.Submitted)
	if d <= 0 {
		return "under a second"
	}
	return briefly(d)
}

// clock gives a time of day; its date is in the ISO part.
func clock(t time.Time) templates.Stamp {
	u := t.UTC()
	return templates.Stamp{Text: u.Format("15:04:05 UTC"), ISO: u.Format("2006-01-02T15:04:05.000Z")}
}

// calcAgain offers another try where one makes sense.
func calcAgain(job cloudcal.Job, numbers string, now time.Time) *templates.Again {
	switch {
	case numbers == "":
		return nil
	case job.State == jobs.StateDead:
		return &templates.Again{Why: "The same numbers can be sent once more.", Numbers: numbers}
	case !job.State.Final() && now.Sub(job.Submitted) >= lateAge:
		return &templates.Again{Why: "You needn't, but you can send the same numbers once more.", Numbers: numbers}
	}
	return nil
}

// maxShort is the longest figure that fits beside another on a phone.
const maxShort = 8

func calcResult(job cloudcal.Job) *templates.CalcResult {
	order := job.Numbers.Sorted()
	at := "/calc/" + job.ID
	texts := figureTexts(*job.Summary)
	return &templates.CalcResult{
		Figures: calcFigures(*job.Numbers, order, texts),
		Long:    slices.ContainsFunc(texts, func(t string) bool { return len(t) > maxShort }),
		Sorted:  ranked(order),
		Plot:    drawPlot(order, *job.Summary),
		CSV:     at + ".csv",
		JSON:    at + "?format=json",
		Copy:    fmt.Sprintf("min %s\nmax %s\nmean %s\nmedian %s\n", texts[0], texts[1], texts[2], texts[3]),
		LogURL:  at + "/log",
	}
}

// calcFigures gives the four figures and how each comes about.
func calcFigures(typed, order cloudcal.List, texts []string) []templates.Figure {
	total := new(big.Int)
	for _, n := range typed {
		total.Add(total, big.NewInt(n))
	}
	low, high := order[cloudcal.Count/2-1], order[cloudcal.Count/2]
	halfway := fmt.Sprintf("(%d + %d) ÷ 2, the middle pair", low, high)
	if low == high {
		halfway = fmt.Sprintf("both of the middle pair are %d", low)
	}
	return []templates.Figure{
		{Name: "Minimum", Value: texts[0], How: "the smallest: " + places(typed, order[0])},
		{Name: "Maximum", Value: texts[1], How: "the largest: " + places(typed, order[cloudcal.Count-1])},
		{Name: "Mean", Value: texts[2], How: total.String() + " ÷ 20, exactly"},
		{Name: "Median", Value: texts[3], How: halfway},
	}
}

// places says where in the list a value stands.
func places(l cloudcal.List, value int64) string {
	first := slices.Index(l[:], value) + 1
	count := 0
	for _, n := range l {
		if n == value {
			count++
		}
	}
	if count == 1 {
		return "number " + strconv.Itoa(first)
	}
	return "number " + strconv.Itoa(first) + " and " + strconv.Itoa(count-1) + " more"
}

func ranked(order cloudcal.List) []templates.Ranked {
	out := make([]templates.Ranked, cloudcal.Count)
	for i, n := range order {
		out[i] = templates.Ranked{Value: strconv.FormatInt(n, 10), Middle: i == cloudcal.Count/2-1 || i == cloudcal.Count/2}
		if out[i].Middle {
			out[i].Note = "one of the middle pair"
		}
	}
	return out
}
