package e2e

import (
	"fmt"
	"testing"
)

// What holds the log against the lists sees what is wrong with it.
func TestLogCheck(t *testing.T) {
	mine := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	other := append([]int64{0}, mine[1:]...)
	l := newLedger()
	l.tried[listText(mine)], l.tried[listText(other)] = true, true
	l.lists["m.a"] = mine
	line := func(id string, numbers []int64, figures string) string {
		return fmt.Sprintf("2026-01-02T03:04:05.678Z %s numbers=%s %s", id, listText(numbers), figures)
	}
	const right = "min=1 max=20 mean=10.5 median=10.5"
	for _, c := range []struct {
		name, line string
		fine       bool
	}{
		{"accepted", line("a", mine, right), true},
		{"sent, but not known to be accepted", line("b", other, "min=0 max=20 mean=10.45 median=10.5"), true},
		{"another list under the id", line("a", other, "min=0 max=20 mean=10.45 median=10.5"), false},
		{"a wrong figure", line("a", mine, "min=1 max=20 mean=10.51 median=10.5"), false},
		{"a list that nobody sent", line("c", mine[1:], right), false},
		{"cut off", line("a", mine, "min=1 max=20"), false},
		{"an error", "2026-01-02T03:04:05.678Z - error=This job was tried.", false},
		{"no time", "yesterday a numbers=1 " + right, false},
	} {
		if _, err := l.checkLine("m", c.line); (err == nil) != c.fine {
			t.Errorf("%s: got %v, want it fine: %v", c.name, err, c.fine)
		}
	}
}
