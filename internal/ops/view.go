package ops

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// view turns a state into what the page shows.
func view(s State) templates.Ops {
	v := templates.Ops{Poll: statePath, Every: "5s", Asked: clockOf(s.At)}
	for _, k := range s.Kinds {
		v.Kinds = append(v.Kinds, kindView(k))
		if n := k.Dead.all(); n > 0 {
			v.Warnings = append(v.Warnings, fmt.Sprintf("%s of %s, waiting for somebody to decide.", count(n, "dead letter", "dead letters"), k.Queue.Name))
		}
	}
	for _, c := range s.Calls {
		v.Calls = append(v.Calls, callsView(c))
	}
	v.Replies, v.RepliesNote = repliesView(s)
	v.Facts = []templates.Fact{
		{Term: "Name", Value: s.Instance},
		{Term: "Version", Value: s.Version},
		{Term: "Runs for", Value: span(time.Since(s.Started))},
		{Term: "JPEG codec", Value: s.Codec},
	}
	return v
}

func kindView(k KindState) templates.OpsKind {
	v := templates.OpsKind{ID: k.Kind, Kind: kindName(k.Kind), Queue: k.Queue.Name, Error: k.Queue.Error}
	number := func(q QueueState, n int) string {
		if q.Error != "" {
			return "–"
		}
		return grouped(n)
	}
	v.Figures = []templates.Figure{
		{Name: "Waiting", Value: number(k.Queue, k.Queue.Visible), How: "requests"},
		{Name: "In flight", Value: number(k.Queue, k.Queue.InFlight), How: "with workers"},
		{Name: "Oldest", Value: "–", How: "not known here"},
		{Name: "Dead", Value: number(k.Dead, k.Dead.all()), How: "letters"},
	}
	if k.Queue.Delayed > 0 {
		v.Figures[0].How = "and " + grouped(k.Queue.Delayed) + " delayed"
	}
	v.Figures[2].Value, v.Figures[2].How = oldest(k)
	v.Dead = templates.OpsDeadLink{URL: deadPath + url.PathEscape(k.Queue.Name), Text: "Look at the dead letters", Some: k.Dead.all() > 0}
	if k.Worker != nil {
		w := workerView(*k.Worker)
		v.Worker = &w
	}
	return v
}

// oldest says what this process knows of the age of the oldest request.
func oldest(k KindState) (value, how string) {
	switch {
	case k.Worker != nil && k.Worker.Waits != nil:
		return span(seconds(*k.Worker.Waits)), "waits, by estimate"
	case k.Web != nil:
		return span(seconds(k.Web.Oldest)), "sent here, unanswered"
	}
	return "–", "not known here"
}

func workerView(w WorkerState) templates.OpsWorker {
	v := templates.OpsWorker{
		InHand: strconv.Itoa(min(w.InHand, w.Slots)), Slots: strconv.Itoa(w.Slots), Caution: caution(w), Failing: w.Failing,
		Text: fmt.Sprintf("%d of %d slots taken, %d at work", w.InHand, w.Slots, w.Working),
	}
	r := w.Rate
	v.Facts = []templates.Fact{
		{Term: "Jobs in the last minute", Value: grouped(int(r.Jobs))},
		{Term: "How requests ended", Value: outcomes(r)},
		{Term: "Mean wait", Value: span(seconds(r.Wait))},
		{Term: "Mean work", Value: span(seconds(r.Work))},
	}
	if w.InHand > 0 {
		v.Facts = append(v.Facts, templates.Fact{Term: "Oldest in hand", Value: span(seconds(w.Oldest)) + " old"})
	}
	return v
}

func caution(w WorkerState) string {
	switch {
	case w.Failing:
		return "It takes one request at a time, since work keeps failing."
	case w.Cautious:
		return "It takes one request at a time: the next may be what kills the process, or none has been worked on yet."
	}
	return ""
}

func outcomes(r Rate) string {
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(r.Outcomes)) {
		parts = append(parts, grouped(int(r.Outcomes[o]))+" "+string(o))
	}
	if parts == nil {
		return "none ended"
	}
	return strings.Join(parts, ", ")
}

func callsView(c CallState) templates.OpsCalls {
	v := templates.OpsCalls{
		Service: c.Service, Calls: grouped(int(c.Calls)), Errors: grouped(int(c.Errors)),
		Spared: fmt.Sprintf("%.0f %%", c.Spared*100), Failing: c.Spared > 0, Dollars: "not known yet",
	}
	switch {
	case c.Dollars >= 0.005:
		v.Dollars = fmt.Sprintf("$%.2f", c.Dollars)
	case c.Dollars > 0:
		v.Dollars = "less than a cent"
	}
	return v
}

func repliesView(s State) (queues []templates.OpsReply, note string) {
	if s.RepliesError != "" {
		note = "They can't be listed: " + s.RepliesError
		if s.denied {
			note = "A worker's role may not list them: look at a web process's page."
		}
	}
	for _, q := range s.Replies {
		v := templates.OpsReply{Name: q.Name, Owner: q.Owner, Silent: q.Silent}
		switch {
		case q.Mine:
			v.Note = "this process's own"
		case q.Unknown:
			v.Note = "heartbeat not asked for, since there are so many"
		case q.Silent:
			v.Note = "to be swept away"
		}
		if !q.Heartbeat.IsZero() {
			beat := dayOf(q.Heartbeat)
			v.Beat = &beat
		}
		queues = append(queues, v)
	}
	if len(queues) == 0 && note == "" {
		note = "There are none: no web process runs."
	}
	return queues, note
}

func deadView(k KindState, letters []DeadLetter, done string, failed error) templates.OpsDead {
	path := deadPath + url.PathEscape(k.Queue.Name)
	v := templates.OpsDead{
		Kind: kindName(k.Kind), Queue: k.Queue.Name, Done: done, Redrive: path + "/redrive", Drop: path + "/drop", Reload: path, Home: homePath,
		MoveText: "Send them all back to work", DropAll: "Drop them all",
		Count: "Requests that were given up after five tries, or that weren't to be trusted.",
	}
	if failed != nil {
		v.Failed = said(failed)
	}
	if len(letters) == 0 && failed == nil {
		v.Count = "There are none."
	}
	for _, l := range letters {
		v.Letters = append(v.Letters, letterView(l))
	}
	if len(letters) == maxLetters {
		v.More = fmt.Sprintf("Only %d are shown.", maxLetters)
	}
	return v
}

func letterView(l DeadLetter) templates.OpsLetter {
	v := templates.OpsLetter{ID: l.ID, Title: "Message " + l.ID, Sent: dayOf(l.Sent), Receives: "received " + count(l.Receives, "time", "times"), Body: l.Body}
	if job := l.Attributes[jobs.AttrJobID]; job != "" {
		v.Title = "Job " + job
		v.Facts = []templates.Fact{{Term: "Message", Value: l.ID}}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Attributes)) {
		if name != jobs.AttrJobID {
			v.Facts = append(v.Facts, templates.Fact{Term: name, Value: l.Attributes[name]})
		}
	}
	return v
}

func movedText(n int) string {
	return count(n, "dead letter was", "dead letters were") + " sent back to work."
}

// kindName is a kind's name as pages write it.
func kindName(kind string) string {
	if rest, ok := strings.CutPrefix(kind, "cloud"); ok && rest != "" {
		return "Cloud" + strings.ToUpper(rest[:1]) + rest[1:]
	}
	return kind
}

// all is how many messages are in the queue; 0 where that isn't known.
func (q QueueState) all() int { return q.Visible + q.InFlight + q.Delayed }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// span gives a duration as a person says it: "0 s", "340 ms", "12 s", "5 min".
func span(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 s"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func dayOf(t time.Time) templates.Stamp {
	u := t.UTC()
	return templates.Stamp{Text: u.Format("2 January, 15:04 UTC"), ISO: u.Format(time.RFC3339)}
}

func clockOf(t time.Time) templates.Stamp {
	u := t.UTC()
	return templates.Stamp{Text: u.Format("15:04:05 UTC"), ISO: u.Format(time.RFC3339)}
}
