package site

import (
	"fmt"
	"strconv"
	"time"
)

// spoken gives a duration as people say it, in the largest unit that leaves
// at least two of it: "30 days", "24 hours", "90 minutes".
func spoken(d time.Duration) string {
	nearest := func(unit time.Duration) int { return int(d.Round(unit) / unit) }
	switch {
	case d >= 48*time.Hour:
		return plural(nearest(24*time.Hour), "day")
	case d >= 2*time.Hour:
		return plural(nearest(time.Hour), "hour")
	case d >= 2*time.Minute:
		return plural(nearest(time.Minute), "minute")
	default:
		return plural(nearest(time.Second), "second")
	}
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// briefly gives how long something took.
func briefly(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return spoken(d)
	}
}

// bytesText gives a file's size as people say it.
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
