// Package deploy holds what runs the system elsewhere: an AWS stack, systemd
// units, a release archive. It has only tests, which read those files as
// their readers will; its folder stack reads the template.
package deploy

import (
	"os"
	"os/exec"
	"testing"

	"cloudworks/deploy/stack"
)

const templateFile = "cloudworks.yaml"

type resource = stack.Resource

var (
	list  = stack.List
	texts = stack.Texts
)

// template reads the stack's resources.
func template(t *testing.T) stack.Template {
	t.Helper()
	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stack.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func asMap(t *testing.T, v any) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("got %T (%v), want a map", v, v)
	}
	return m
}

// ofKind gives the resources of one type by name; there must be some.
func ofKind(t *testing.T, all stack.Template, kind string) []resource {
	t.Helper()
	found := all.OfKind(kind)
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
