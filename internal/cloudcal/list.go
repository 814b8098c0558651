// Package cloudcal is the kind of job that takes lists of 20 integers and
// answers with minimum, maximum, mean and median: the text of request and
// reply, the arithmetic, the log entry, and both halves that speak them. It
// knows queues and buckets only as what jobs and the small interfaces here
// say of them.
package cloudcal

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cloudworks/internal/jobs"
)

// Count is how many numbers a list has.
const Count = 20

// List is one visitor's numbers, in the order they were typed.
type List [Count]int64

// String gives the numbers as the wire has them, separated by one space.
func (l List) String() string { return string(l.append(nil)) }

func (l List) append(b []byte) []byte {
	for i, n := range l {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return b
}

// Sorted gives the numbers in ascending order; the median lies between the
// tenth and the eleventh.
func (l List) Sorted() List {
	slices.Sort(l[:])
	return l
}

// FieldError says what is wrong with one of the numbers.
type FieldError struct {
	Field   int    // 1 to 20
	Message string // plain English, without the field's name
}

// ParseFields reads twenty fields of a form. Everything that is wrong is
// told at once: an error of CodeInvalid for the whole, and one entry a field.
func ParseFields(fields []string) (List, []FieldError, error) {
	var list List
	var wrong []FieldError
	if len(fields) != Count {
		return list, nil, countError(len(fields))
	}
	missing := 0
	for i, text := range fields {
		n, err := parseNumber(text)
		if err != nil {
			wrong = append(wrong, FieldError{i + 1, err.Error()})
			if strings.TrimSpace(text) == "" {
				missing++
			}
			continue
		}
		list[i] = n
	}
	switch {
	case len(wrong) == 0:
		return list, nil, nil
	case missing == len(wrong):
		return list, wrong, countError(Count - missing)
	case len(wrong) == 1:
		return list, wrong, jobs.Errorf(jobs.CodeInvalid, "Number %d: %s", wrong[0].Field, wrong[0].Message)
	default:
		return list, wrong, jobs.Errorf(jobs.CodeInvalid, "%d of the 20 numbers need another look, the first is number %d: %s",
			len(wrong), wrong[0].Field, wrong[0].Message)
	}
}

// ParseText reads a list from pasted text: a column, a row, commas,
// semicolons, any mix of them.
func ParseText(text string) (List, error) {
	var list List
	words := Split(text)
	for i, word := range words {
		n, err := parseNumber(word)
		if err != nil {
			return list, jobs.Errorf(jobs.CodeInvalid, "Number %d: %s", i+1, err)
		}
		if i < Count {
			list[i] = n
		}
	}
	if len(words) != Count {
		return list, countError(len(words))
	}
	return list, nil
}

// Split takes pasted text apart at white space, commas and semicolons.
func Split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == ';'
	})
}

func countError(n int) error {
	switch {
	case n == 0:
		return jobs.Errorf(jobs.CodeInvalid, "Please give 20 whole numbers; there are none yet.")
	case n < Count:
		return jobs.Errorf(jobs.CodeInvalid, "That makes %d of 20 numbers: %d more to go.", n, Count-n)
	default:
		return jobs.Errorf(jobs.CodeInvalid, "That makes %d numbers; a list has 20, so take %d away.", n, n-Count)
	}
}

// parseNumber reads one signed 64-bit integer. Its errors are for people.
func parseNumber(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, errors.New("is empty; a whole number belongs here, such as 42.")
	}
	// A minus sign from a word processor or a web page means the same.
	plain := strings.Replace(text, "\u2212", "-", 1)
	n, err := strconv.ParseInt(plain, 10, 64)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("“%s” is out of range; whole numbers go from -9223372036854775808 to 9223372036854775807.", shorten(text))
	case looksFractional(plain):
		return 0, fmt.Errorf("“%s” has a fraction; only whole numbers are taken, such as 42.", shorten(text))
	default:
		return 0, fmt.Errorf("“%s” is not a whole number, such as 42 or -7.", shorten(text))
	}
}

func looksFractional(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.ContainsAny(text, ".eE")
}

// shorten keeps a message readable whatever was typed.
func shorten(s string) string {
	const most = 40
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most]) + "…"
}
