package cloudcal

import (
	"fmt"
	"strconv"
	"strings"

	"cloudworks/internal/jobs"
)

// Limits of one request message.
const (
	MaxLists = 500
	maxBytes = 256 << 10
)

// Line is one line of a request: a list, with its id unless a bare client
// sent it.
type Line struct {
	ID   string
	List List
	// Err says what is wrong with the line, when it isn't a list.
	Err *jobs.Error
}

// FormatRequest writes lines as the body of a request: "[id ]n1 n2 … n20".
func FormatRequest(lines []Line) string {
	var b []byte
	for i, l := range lines {
		if i > 0 {
			b = append(b, '\n')
		}
		if l.ID != "" {
			b = append(append(b, l.ID...), ' ')
		}
		b = l.List.append(b)
	}
	return string(b)
}

// ParseRequest reads the body of a request. A line that isn't a list keeps
// its place, with Err set. The error is for a body that is none at all.
func ParseRequest(body string) ([]Line, error) {
	body = strings.TrimRight(body, "\r\n")
	if len(body) > maxBytes || strings.Count(body, "\n") >= MaxLists {
		return nil, jobs.Errorf(jobs.CodeTooLarge, "A request takes up to %d lists and %d KiB.", MaxLists, maxBytes>>10)
	}
	if strings.TrimSpace(body) == "" {
		return nil, countError(0)
	}
	var lines []Line
	for text := range strings.SplitSeq(body, "\n") {
		lines = append(lines, parseLine(text))
	}
	return lines, nil
}

// parseLine takes the first word for the id when it looks like one and is
// either too long for a number or stands before a full list: so a typing
// error of a bare client is told as one.
func parseLine(text string) Line {
	var l Line
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if isLineID(first) && (len(first) > len("-9223372036854775808") || len(Split(rest)) == Count) {
		l.ID, text = first, rest
	}
	list, err := ParseText(text)
	if err != nil {
		l.Err = jobs.Public(err)
	}
	l.List = list
	return l
}

// isLineID reports whether word can be an id and not a number: up to 64
// letters and digits, at least one of them a letter.
func isLineID(word string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return len(word) <= 64 && strings.ContainsAny(word, letters) && strings.Trim(word, letters+"0123456789") == ""
}

// Answer is one line of a reply.
type Answer struct {
	ID      string
	Summary Summary
	Err     *jobs.Error // set instead of Summary for a line that was no list
}

// FormatReply writes answers as the body of a reply, a line each:
// "[id ]min max mean median", or "[id ]error: reason".
func FormatReply(answers []Answer) string {
	var b strings.Builder
	for i, a := range answers {
		if i > 0 {
			b.WriteByte('\n')
		}
		if a.ID != "" {
			b.WriteString(a.ID + " ")
		}
		if a.Err != nil {
			b.WriteString("error: " + oneLine(a.Err.Message))
			continue
		}
		s := a.Summary
		fmt.Fprintf(&b, "%d %d %s %s", s.Min, s.Max, s.Mean, s.Median)
	}
	return b.String()
}

// oneLine keeps a message from breaking the format.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ParseReply reads the body of a reply.
func ParseReply(body string) ([]Answer, error) {
	var answers []Answer
	for text := range strings.SplitSeq(strings.TrimRight(body, "\r\n"), "\n") {
		a, err := parseAnswer(text)
		if err != nil {
			return nil, fmt.Errorf("reply line %d: %w", len(answers)+1, err)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

func parseAnswer(text string) (Answer, error) {
	var a Answer
	if first, rest, ok := strings.Cut(text, " "); ok && isLineID(first) {
		a.ID, text = first, rest
	}
	if reason, ok := strings.CutPrefix(text, "error: "); ok {
		a.Err = &jobs.Error{Code: jobs.CodeInvalid, Message: reason}
		return a, nil
	}
	summary, err := parseSummary(strings.Fields(text))
	a.Summary = summary
	return a, err
}

// parseSummary reads minimum, maximum, mean and median.
func parseSummary(words []string) (s Summary, err error) {
	if len(words) != 4 {
		return s, fmt.Errorf("got %d figures, want 4", len(words))
	}
	if s.Min, err = strconv.ParseInt(words[0], 10, 64); err != nil {
		return s, err
	}
	if s.Max, err = strconv.ParseInt(words[1], 10, 64); err != nil {
		return s, err
	}
	if s.Mean, err = ParseDecimal(words[2]); err != nil {
		return s, err
	}
	s.Median, err = ParseDecimal(words[3])
	return s, err
}
