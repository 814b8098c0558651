package jobs

import (
	"crypto/rand"
	"strings"
	"time"
)

// idTime is how message and batch ids begin: their UTC date and time.
const idTime = "20060102T150405"

// randLen is the length of crypto/rand.Text: 26 base32 characters, 130 bits.
const randLen = 26

// NewID makes the id of a message or a batch: date and time in UTC, then 130
// random bits, as "20060102T150405-ABCDEFGHIJKLMNOPQRSTUVWXYZ". To know it is
// the permission to see the job.
func NewID(now time.Time) string {
	return now.UTC().Format(idTime) + "-" + rand.Text()
}

// NewToken makes the random part of an id alone: 26 base32 characters.
func NewToken() string { return rand.Text() }

// IDTime gives the time that an id of NewID begins with. It is false for
// every text that NewID can't have made.
func IDTime(id string) (time.Time, bool) {
	stamp, random, ok := strings.Cut(id, "-")
	if !ok || !IsToken(random) {
		return time.Time{}, false
	}
	t, err := time.Parse(idTime, stamp)
	if err != nil || t.Format(idTime) != stamp {
		return time.Time{}, false
	}
	return t, true
}

// IsToken reports whether s has the form of NewToken's.
func IsToken(s string) bool {
	return len(s) == randLen && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
