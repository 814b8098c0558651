package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed peer.mjs
var peer []byte

// fetchNPM has npm fetch the libraries into a temporary folder, and gives the
// script that uses them.
func fetchNPM(ctx context.Context) (script string, clean func(), err error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "bench-queues-")
	if err != nil {
		return "", nil, err
	}
	clean = func() { _ = os.RemoveAll(dir) }
	script = filepath.Join(dir, "peer.mjs")
	if err := os.WriteFile(script, peer, 0o600); err != nil {
		clean()
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix", dir,
		"sqs-consumer@15.0.3", "sqs-producer@8.0.4", "@aws-sdk/client-sqs@3", "@aws-sdk/client-s3@3")
	if out, err := cmd.CombinedOutput(); err != nil {
		clean()
		return "", nil, fmt.Errorf("npm install: %w\n%s", err, out)
	}
	return script, clean, nil
}
