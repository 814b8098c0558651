package deploy

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// operations is the document whose tables these tests work out anew.
func operations(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// table gives the rows of the document's table with this heading, below the
// line that rules it off, each as its cells.
func table(t *testing.T, doc, heading string) [][]string {
	t.Helper()
	_, after, found := strings.Cut(doc, "\n| "+heading+" |")
	if !found {
		t.Fatalf("docs/operations.md has no table %q", heading)
	}
	body, _, _ := strings.Cut(after, "\n\n")
	var rows [][]string
	for i, line := range strings.Split(body, "\n") {
		if i < 2 { // the rest of the heading, and the rule
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "| "), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

// inputs are the values of a table by what they are called.
type inputs struct {
	t      *testing.T
	values map[string]float64
	used   map[string]bool
}

func readInputs(t *testing.T, doc string) *inputs {
	in := &inputs{t: t, values: make(map[string]float64), used: make(map[string]bool)}
	for _, row := range table(t, doc, "input | value") {
		in.values[row[0]] = figure(t, row[1])
	}
	return in
}

func (in *inputs) of(name string) float64 {
	in.t.Helper()
	v, ok := in.values[name]
	if !ok {
		in.t.Fatalf("docs/operations.md has no input %q", name)
	}
	in.used[name] = true
	return v
}

func figure(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimPrefix(text, "$"), ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	days  = 30 // of a month
	hours = 24 * days
)

// kindCost is what one kind of job takes, by its inputs.
type kindCost struct {
	calls     func(perDay float64) float64 // dollars for each
	gb        float64                      // kept for each
	keptDays  float64
	in, out   float64 // GB for each
	web, work float64 // processor seconds for each
}

// month gives the columns of a row: dollars for calls, storage, machines,
// traffic, the rest, and all together.
func (k kindCost) month(in *inputs, perDay float64) [6]float64 {
	const vCPU = 2 // of a t3.small and of a c7i.large
	busy := perDay / 86400
	web := max(2, math.Ceil(busy*k.web/(vCPU*in.of("use of a web instance's processors: the share that a t3.small may take all day"))))
	workers := max(1, math.Ceil(busy*k.work/(vCPU*in.of("use of a worker's processors that scaling aims at (assumed)"))))
	jobs := perDay * days
	perInstance := hours*in.of("public IPv4 address, an hour") + in.of("disk, 20 GB gp3, a month")

	polls := (web + 2*workers) * hours * 3600 / 20
	beats := web * hours * 60
	looks := (web + workers) * 4 * hours * 3600 / 15
	calls := jobs*k.calls(perDay) + (polls+beats+looks)*in.of("SQS, a million requests of 64 KiB")/1e6
	storage := perDay * k.keptDays * k.gb * in.of("S3, a GB for a month")
	machines := web*(hours*in.of("web, t3.small, an hour")+perInstance) + workers*(hours*in.of("worker, c7i.large, an hour")+perInstance)
	traffic := jobs * k.out * in.of("traffic to the internet, a GB")
	rest := hours*(in.of("load balancer, an hour")+2*in.of("public IPv4 address, an hour")+2*in.of("SQS endpoint, an hour in each of two zones")) +
		jobs*(k.in+k.out)*in.of("load balancer, a GB") +
		jobs*in.of("kB of log lines a job (assumed)")/1e6*in.of("log, a GB") + in.of("alarms, all")
	return [6]float64{calls, storage, machines, traffic, rest, calls + storage + machines + traffic + rest}
}

// row writes a row of the table.
func (k kindCost) row(in *inputs, perDay float64) string {
	cells := []string{thousands(perDay)}
	for _, d := range k.month(in, perDay) {
		cells = append(cells, dollars(d))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func dollars(d float64) string {
	if d < 10 {
		return fmt.Sprintf("%.2f", d)
	}
	return thousands(math.Round(d))
}

func thousands(f float64) string {
	text := strconv.FormatFloat(f, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// The tables of costs and of capacity are what comes of the inputs beside
// them, of which each has a part in it.
func TestCosts(t *testing.T) {
	doc := operations(t)
	in := readInputs(t, doc)
	price := map[string]float64{
		"SQS": in.of("SQS, a million requests of 64 KiB") / 1e6,
		"put": in.of("S3, a million PUT and LIST") / 1e6,
		"get": in.of("S3, a million GET and HEAD") / 1e6,
	}
	picture := 0.0
	for _, row := range table(t, doc, "call of a picture | times") {
		each, ok := price[row[2]]
		if !ok {
			t.Fatalf("%s has the price %q", row[0], row[2])
		}
		picture += figure(t, row[1]) * each
	}
	ofLists := make(map[float64]float64)
	for _, row := range table(t, doc, "lists a day | calls to SQS") {
		ofLists[figure(t, row[0])] = figure(t, row[1])*price["SQS"] + figure(t, row[2])*price["put"]
	}
	previews := in.of("MB its two previews have")
	taken, result := in.of("MB a picture takes in"), in.of("MB a picture's result has")
	listCPU := in.of("both halves' processor seconds a list (assumed)")
	for heading, k := range map[string]kindCost{
		"lists a day | calls |": {
			calls: func(perDay float64) float64 { return ofLists[perDay] },
			gb:    in.of("kB of a list's log line") / 1e6, keptDays: in.of("days that a list is kept"),
			out: in.of("kB a list's pages take out (assumed)") / 1e6,
			web: listCPU, work: listCPU,
		},
		"pictures a day | calls |": {
			calls: func(float64) float64 { return picture },
			gb:    (taken + result + previews) / 1e3, keptDays: in.of("days that a picture is kept"),
			in: taken / 1e3, out: (previews + result*in.of("share of results fetched in full (assumed)")) / 1e3,
			web: in.of("web's processor seconds a picture, local backend included"), work: in.of("worker's processor seconds a picture"),
		},
	} {
		var want []string
		for _, perDay := range []float64{0, 1e3, 1e5, 1e7} {
			want = append(want, k.row(in, perDay))
		}
		compare(t, doc, strings.TrimSuffix(heading, " |"), want)
	}
	var want []string
	for _, machine := range []struct {
		name string
		vCPU float64
	}{{"c7i.large", 2}, {"c7i.xlarge", 4}, {"c7i.2xlarge", 8}, {"c7i.4xlarge", 16}} {
		want = append(want, fmt.Sprintf("| %s | %.0f | %.0f |", machine.name, machine.vCPU,
			machine.vCPU*in.of("use of a worker's processors that scaling aims at (assumed)")/in.of("worker's processor seconds a picture")))
	}
	compare(t, doc, "instance | vCPU", want)
	for name := range in.values {
		if !in.used[name] {
			t.Errorf("the input %q has no part in any row", name)
		}
	}
}

func compare(t *testing.T, doc, heading string, want []string) {
	t.Helper()
	var got []string
	for _, row := range table(t, doc, heading) {
		got = append(got, "| "+strings.Join(row, " | ")+" |")
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("the table %q is\n%s\nand is to be\n%s", heading, g, w)
	}
}

// Every alarm has a paragraph that says what to do, and there is none about
// an alarm that isn't.
func TestAlarmsAreExplained(t *testing.T) {
	_, after, _ := strings.Cut(operations(t), "\n## Alarms\n")
	section, _, _ := strings.Cut(after, "\n## ")
	explained := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^\*\*([A-Za-z, ]+): `).FindAllStringSubmatch(section, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			explained[name] = true
		}
	}
	for _, a := range ofKind(t, template(t), "AWS::CloudWatch::Alarm") {
		if !explained[a.Name] {
			t.Errorf("docs/operations.md says nothing of the alarm %s", a.Name)
		}
		delete(explained, a.Name)
	}
	for name := range explained {
		t.Errorf("docs/operations.md explains %s, which is no alarm", name)
	}
}
