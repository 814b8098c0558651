// Package deploy holds what runs the system elsewhere: an AWS stack, systemd
// units, a release archive. It has no code, only tests, which read those
// files as their readers will.
package deploy

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const templateFile = "cloudworks.yaml"

// resource is one resource of the template. The short forms !Ref, !Sub and
// !GetAtt are maps of one entry here, as in JSON.
type resource struct {
	name, kind string
	properties map[string]any
}

// template reads the stack's resources.
func template(t *testing.T) map[string]resource {
	t.Helper()
	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	root := asMap(t, plain(t, doc.Content[0]))
	resources := map[string]resource{}
	for name, value := range asMap(t, root["Resources"]) {
		r := asMap(t, value)
		properties, _ := r["Properties"].(map[string]any)
		resources[name] = resource{name, r["Type"].(string), properties}
	}
	return resources
}

// plain turns a node into maps, lists and texts. CloudFormation takes neither
// aliases nor merges.
func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	var value any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Tag == "!!merge" {
				t.Fatalf("line %d: a merge; CloudFormation refuses it", n.Line)
			}
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		value = m
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, plain(t, c))
		}
		value = list
	case yaml.ScalarNode:
		value = n.Value
	default:
		t.Fatalf("line %d: an alias; CloudFormation refuses it", n.Line)
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return map[string]any{strings.TrimPrefix(n.Tag, "!"): value}
	}
	return value
}

func asMap(t *testing.T, v any) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("got %T (%v), want a map", v, v)
	}
	return m
}

// list gives a list as it is, one value as a list of one, nothing as none.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// texts writes a list's values as text; a reference as, say, "Bucket.Arn".
func texts(v any) []string {
	var all []string
	for _, x := range list(v) {
		if m, ok := x.(map[string]any); ok {
			for _, inner := range m {
				x = inner
			}
		}
		all = append(all, fmt.Sprint(x))
	}
	return all
}

// at goes down by keys and, for lists, takes the first entry.
func (r resource) at(path ...string) any {
	var v any = r.properties
	for _, key := range path {
		if l, ok := v.([]any); ok && len(l) > 0 {
			v = l[0]
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// ofKind gives the resources of one type by name; there must be some.
func ofKind(t *testing.T, all map[string]resource, kind string) []resource {
	t.Helper()
	var found []resource
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].kind == kind {
			found = append(found, all[name])
		}
	}
	if len(found) == 0 {
		t.Fatalf("no resource of type %s", kind)
	}
	return found
}

// require gives a tool's path. Where the tool is missing the test is skipped,
// unless CLOUDWORKS_REQUIRE says that everything has to be there.
func require(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
		t.Fatalf("%s isn't there, and CLOUDWORKS_REQUIRE is set", tool)
	}
	t.Skipf("%s isn't on this machine", tool)
	return ""
}

// What CloudFormation takes without a detour over a bucket.
func TestSize(t *testing.T) {
	const most = 51_200
	info, err := os.Stat(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("got %d bytes, want at most %d", info.Size(), most)
	}
}

func TestCfnLint(t *testing.T) {
	lint := require(t, "cfn-lint")
	if out, err := exec.Command(lint, templateFile).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
