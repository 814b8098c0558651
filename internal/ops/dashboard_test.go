package ops

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dashboard is what the tests need of a Grafana dashboard.
type dashboard struct {
	SchemaVersion int
	UID           string
	Templating    struct {
		List []struct{ Name, Definition string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               *struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ RefID, Expr, LegendFormat string }
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana/cloudworks.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// series gives the labels of every series that a process tells once all has
// happened, under the names that queries use.
func series(t *testing.T) map[string][]string {
	t.Helper()
	families, err := busy(t).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for _, f := range families {
		labels := []string{"instance", "job"} // which Prometheus adds
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName())
			}
		}
		if f.GetMetric()[0].GetHistogram() == nil {
			all[f.GetName()] = labels
			continue
		}
		all[f.GetName()+"_sum"], all[f.GetName()+"_count"] = labels, labels
		all[f.GetName()+"_bucket"] = append(slices.Clone(labels), "le")
	}
	return all
}

var (
	inText    = regexp.MustCompile(`"[^"]*"`)
	metric    = regexp.MustCompile(`\b((?:cloudworks|process|go)_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	matcher   = regexp.MustCompile(`([a-z_]+) *(?:=~|!~|!=|=)`)
	grouping  = regexp.MustCompile(`\b(?:by|on|without|ignoring|group_left|group_right) *\(([^)]*)\)`)
	inLegend  = regexp.MustCompile(`\{\{ *([a-z_]+) *\}\}`)
	labelWord = regexp.MustCompile(`[a-z_]+`)
)

// wrongNames names what a query asks for that nobody tells, and gives the
// metrics that it uses.
func wrongNames(expr, legend string, known map[string][]string) (wrong, used []string) {
	bare := inText.ReplaceAllString(expr, `""`)
	var labels []string
	for _, m := range metric.FindAllStringSubmatch(bare, -1) {
		used = append(used, m[1])
		if known[m[1]] == nil {
			wrong = append(wrong, "metric "+m[1])
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(known[m[1]], l[1]) {
				wrong = append(wrong, "label "+l[1]+" of "+m[1])
			}
		}
		labels = append(labels, known[m[1]]...)
	}
	var asked []string
	for _, g := range grouping.FindAllStringSubmatch(bare, -1) {
		asked = append(asked, labelWord.FindAllString(g[1], -1)...)
	}
	for _, l := range inLegend.FindAllStringSubmatch(legend, -1) {
		asked = append(asked, l[1])
	}
	for _, l := range asked {
		if !slices.Contains(labels, l) {
			wrong = append(wrong, "label "+l)
		}
	}
	return wrong, used
}

// Every query of the dashboard asks for what is told, and every metric of ours
// is shown.
func TestDashboardQueries(t *testing.T) {
	d, known := readDashboard(t), series(t)
	shown := make(map[string]bool)
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			wrong, used := wrongNames(q.Expr, q.LegendFormat, known)
			for _, w := range wrong {
				t.Errorf("%s: there is no %s: %s", p.Title, w, q.Expr)
			}
			if len(used) == 0 {
				t.Errorf("%s: no metric in %s", p.Title, q.Expr)
			}
			for _, name := range used {
				shown[name] = true
			}
		}
	}
	for _, v := range d.Templating.List {
		if wrong, _ := wrongNames(v.Definition, "", known); len(wrong) > 0 {
			t.Errorf("variable %s: there is no %v", v.Name, wrong)
		}
	}
	for name := range offered(t) {
		if !shown[name] && !shown[name+"_count"] && !shown[name+"_sum"] && !shown[name+"_bucket"] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// What the check of queries must find.
func TestWrongNames(t *testing.T) {
	known := map[string][]string{"cloudworks_a_total": {"kind"}, "cloudworks_b_bucket": {"kind", "le"}}
	for expr, want := range map[string]string{
		`sum by (kind) (rate(cloudworks_a_total{kind=~"$kind"}[5m]))`: "",
		`sum(rate(cloudworks_c_total[5m]))`:                           "metric cloudworks_c_total",
		`cloudworks_a_total{queue="cloudworks_x"}`:                    "label queue of cloudworks_a_total",
		`sum by (le) (cloudworks_a_total)`:                            "label le",
		`sum by (le, kind) (cloudworks_b_bucket{kind!="x"})`:          "",
	} {
		if wrong, _ := wrongNames(expr, "{{kind}}", known); want != "" && !slices.Contains(wrong, want) || want == "" && len(wrong) > 0 {
			t.Errorf("%s: got %v, want %q", expr, wrong, want)
		}
	}
	if wrong, _ := wrongNames("cloudworks_a_total", "{{queue}}", known); len(wrong) != 1 {
		t.Errorf("a label of the legend: got %v", wrong)
	}
}

// Every panel says what it shows, in which unit, and stands where no other
// does.
func TestDashboardPanels(t *testing.T) {
	d := readDashboard(t)
	if d.SchemaVersion != 42 || d.UID == "" {
		t.Errorf("schema %d, uid %q", d.SchemaVersion, d.UID)
	}
	ids, taken := make(map[int]bool), make(map[[2]int]string)
	for _, p := range d.Panels {
		if p.Title == "" || ids[p.ID] {
			t.Errorf("panel %d %q has no title, or another's id", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
					t.Fatalf("%q overlaps %q, or the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if !strings.HasSuffix(p.Description, ".") || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 || p.Datasource == nil || p.Datasource.UID != "${datasource}" {
			t.Errorf("%q lacks a description, a unit, a query or the data source's variable", p.Title)
		}
	}
}
