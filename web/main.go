// Command web is the web process: the pages, and with the local backend the
// embedded SQS and S3 and a worker as well.
//
//	web              serve until a signal
//	web healthcheck  ask a running web process whether it is well
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"cloudworks/internal/app"
	"cloudworks/internal/config"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stderr))
}

// run is main with everything handed in, and gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) int {
	soft, hard, end := app.Signals(ctx)
	defer end()
	if err := web(soft, hard, args, getenv, stderr); err != nil {
		fmt.Fprintln(stderr, "web:", err)
		return 1
	}
	return 0
}

func web(ctx, hard context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	if isChild, err := app.RunChild(args); isChild {
		return err
	}
	cfg, err := config.Load(getenv, config.Web)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "healthcheck":
		return app.CheckHealth(ctx, cfg.OpsAddr)
	case len(args) > 0:
		return fmt.Errorf("unknown command %q; there is only healthcheck", args[0])
	}
	return serve(ctx, hard, cfg, stderr)
}
