package main

import (
	"bytes"
	"strings"
	"testing"
)

// A mistake ends the program at once, with a message that names it.
func TestRunRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		says []string
	}{
		{"an unknown command", []string{"dance"}, nil, []string{"dance"}},
		{"settings that can't be", nil, map[string]string{"CLOUDWORKS_BACKEND": "azure", "CLOUDWORKS_BUCKET": "My Bucket"},
			[]string{"CLOUDWORKS_BACKEND", "azure", "CLOUDWORKS_BUCKET", "My Bucket"}},
		{"the health of nothing", []string{"healthcheck"}, map[string]string{"CLOUDWORKS_OPS_ADDR": "127.0.0.1:1"}, []string{"refused"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			code := run(t.Context(), tt.args, func(name string) string { return tt.env[name] }, &stderr)
			if code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			for _, want := range tt.says {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%q lacks %q", stderr.String(), want)
				}
			}
		})
	}
}
