// Command testreport reads what `go test -json` prints and writes what a
// person wants of it: a line for each package, the whole output of what
// failed, what was skipped and why, the slowest tests. The totals go to the
// file that is its argument. It exits with 1 if anything failed or nothing
// ran.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is a line of test2json; Seconds is the time since the test began.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Seconds                                   float64 `json:"Elapsed"`
}

// ran is one test or subtest, and how it ended.
type ran struct {
	name    string
	seconds float64
	output  []string
}

type report struct {
	out             io.Writer
	output          map[string][]string // by package and test, while it runs
	passed          int
	failed, skipped []ran
	slow            []ran
	broken          []string // packages that failed without a failed test
}

func main() {
	r := &report{out: os.Stdout, output: map[string][]string{}}
	r.read(os.Stdin)
	r.close()
	totals := fmt.Sprintf("%d passed, %d failed, %d skipped\n", r.passed, len(r.failed)+len(r.broken), len(r.skipped))
	fmt.Print("\n", totals)
	if err := os.WriteFile(os.Args[1], []byte(totals), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	if len(r.failed)+len(r.broken) > 0 || r.passed == 0 {
		os.Exit(1)
	}
}

func (r *report) read(in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(r.out, "%s", line)
			} else {
				r.take(e)
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e)
		}
		delete(r.output, key)
	}
}

func (r *report) endTest(e event) {
	t := ran{e.Package + " " + e.Test, e.Seconds, r.output[e.Package+" "+e.Test]}
	switch e.Action {
	case "pass":
		r.passed++
		r.slow = append(r.slow, ran{name: t.name, seconds: t.seconds})
	case "skip":
		r.skipped = append(r.skipped, t)
	case "fail":
		r.failed = append(r.failed, t)
		fmt.Fprintf(r.out, "\n--- %s\n%s\n", t.name, strings.Join(t.output, ""))
	}
}

// endPackage prints the package's line. A package may fail without a failed
// test: it doesn't build, its TestMain fails, a test ends the process or a
// time limit does; then what was running is shown.
func (r *report) endPackage(e event) {
	fmt.Fprintf(r.out, "%-4s %6.1f s  %s\n", e.Action, e.Seconds, e.Package)
	if e.Action != "fail" || slices.ContainsFunc(r.failed, func(t ran) bool { return strings.HasPrefix(t.name, e.Package+" ") }) {
		return
	}
	r.broken = append(r.broken, e.Package)
	for key, output := range r.output {
		if strings.HasPrefix(key, e.Package+" ") {
			fmt.Fprintf(r.out, "\n--- %s\n%s\n", key, strings.Join(output, ""))
		}
	}
}

// close prints what is only known at the end.
func (r *report) close() {
	slices.SortFunc(r.slow, func(a, b ran) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Fprintln(r.out, "\nslowest:")
	for _, t := range r.slow[:min(8, len(r.slow))] {
		fmt.Fprintf(r.out, "  %6.1f s  %s\n", t.seconds, t.name)
	}
	if len(r.skipped) > 0 {
		fmt.Fprintln(r.out, "\nskipped:")
	}
	for _, t := range r.skipped {
		fmt.Fprintf(r.out, "  %s: %s\n", t.name, reason(t.output))
	}
	if len(r.failed)+len(r.broken) > 0 {
		fmt.Fprintln(r.out, "\nfailed:")
	}
	for _, name := range r.broken {
		fmt.Fprintf(r.out, "  %s\n", name)
	}
	for _, t := range r.failed {
		fmt.Fprintf(r.out, "  %s\n", t.name)
	}
}

// reason is the line with which a test said why it skipped.
func reason(output []string) string {
	for _, line := range output {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}
