package cloudcal

import (
	"fmt"
	"strings"
	"time"

	"cloudworks/internal/jobs"
)

// LogKey is the key of the log object that holds the lists of one message.
func LogKey(message string, sent time.Time) string {
	return "logs/cloudcal/" + sent.UTC().Format("2006/01/02") + "/" + message + ".txt"
}

// logTime is the time of a log line: UTC, to the millisecond.
const logTime = "2006-01-02T15:04:05.000Z"

// FormatLog writes the log object of one message, a line for each list:
//
//	2006-01-02T15:04:05.000Z <id> numbers=n1 n2 … n20 min=… max=… mean=… median=…
//	2006-01-02T15:04:05.000Z <id> error=…
//	2006-01-02T15:04:05.000Z <id> error=dead: …
//
// The time is when the request was made, as its id says, or for a bare one
// when the queue took it: so a redelivery gives the same line again, and so
// does a request that was sent twice since the answer to the first send was
// lost. A bare client's list has the id "-", and so has what is said of all
// lists of a request, such as that it died.
func FormatLog(sent time.Time, lines []Line) string {
	var b strings.Builder
	stamp := sent.UTC().Format(logTime)
	for _, l := range lines {
		id := l.ID
		if id == "" {
			id = "-"
		}
		b.WriteString(stamp + " " + id)
		if l.Err != nil {
			mark := ""
			if l.Err.Code == jobs.CodeDead {
				mark = deadMark
			}
			b.WriteString(" error=" + mark + oneLine(l.Err.Message) + "\n")
			continue
		}
		s := Compute(l.List)
		fmt.Fprintf(&b, " numbers=%s min=%d max=%d mean=%s median=%s\n", l.List, s.Min, s.Max, s.Mean, s.Median)
	}
	return b.String()
}

// deadMark begins the error of a request that died.
const deadMark = "dead: "

// LogEntry is one line of a log object.
type LogEntry struct {
	Time    time.Time
	ID      string
	List    List
	Summary Summary
	Err     *jobs.Error // set instead of List and Summary
}

// FindLog looks a list up in a log object by its id, and gives its line as it
// stands there. It is false when no line has that id.
func FindLog(log, id string) (line string, found bool) {
	for line := range strings.Lines(log) {
		_, rest, _ := strings.Cut(line, " ")
		if has, _, ok := strings.Cut(rest, " "); ok && has == id {
			return strings.TrimRight(line, "\n"), true
		}
	}
	return "", false
}

// Dead reports whether the line says that the request died.
func (e LogEntry) Dead() bool { return e.Err != nil && e.Err.Code == jobs.CodeDead }

// ParseLog reads one line of a log object.
func ParseLog(line string) (LogEntry, error) {
	var e LogEntry
	stamp, rest, _ := strings.Cut(line, " ")
	t, err := time.Parse(logTime, stamp)
	if err != nil {
		return e, fmt.Errorf("time of log line: %w", err)
	}
	id, rest, ok := strings.Cut(rest, " ")
	if !ok {
		return e, fmt.Errorf("log line ends after its id")
	}
	e.Time, e.ID = t, id
	if reason, ok := strings.CutPrefix(rest, "error="); ok {
		e.Err = &jobs.Error{Code: jobs.CodeInvalid, Message: reason}
		if why, died := strings.CutPrefix(reason, deadMark); died {
			e.Err = &jobs.Error{Code: jobs.CodeDead, Message: why}
		}
		return e, nil
	}
	numbers, figures, ok := strings.Cut(rest, " min=")
	numbers, isList := strings.CutPrefix(numbers, "numbers=")
	if !ok || !isList {
		return e, fmt.Errorf("log line has neither figures nor an error")
	}
	if e.List, err = ParseText(numbers); err != nil {
		return e, fmt.Errorf("numbers of log line: %w", err)
	}
	words := strings.NewReplacer(" max=", " ", " mean=", " ", " median=", " ").Replace(figures)
	if e.Summary, err = parseSummary(strings.Fields(words)); err != nil {
		return e, fmt.Errorf("figures of log line: %w", err)
	}
	return e, nil
}
