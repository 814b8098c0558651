// Command worker is the worker process: it receives requests, does the jobs
// and answers.
//
//	worker              work until a signal
//	worker healthcheck  ask a running worker whether it is well
//	worker dlq ...      look at jobs that died, start them again, drop them
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"cloudworks/internal/app"
	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/config"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stderr))
}

// run is main with everything handed in, and gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) int {
	if err := work(ctx, args, getenv, stderr); err != nil {
		fmt.Fprintln(stderr, "worker:", err)
		return 1
	}
	return 0
}

func work(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	if isChild, err := app.RunChild(args); isChild {
		return err
	}
	cfg, err := config.Load(getenv, config.Worker)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "healthcheck":
		return app.CheckHealth(ctx, cfg.OpsAddr)
	case len(args) > 0 && args[0] == "dlq":
		return deadLetters(ctx, cfg, args[1:], stderr)
	case len(args) > 0:
		return fmt.Errorf("unknown command %q; there are healthcheck and dlq", args[0])
	}
	return serve(ctx, cfg, stderr)
}

// deadLetters runs an operator's command; its answer goes to standard output.
func deadLetters(ctx context.Context, cfg config.Config, args []string, stderr io.Writer) error {
	a, err := app.Open(ctx, cfg, app.NewLog(stderr, cfg.LogFormat))
	if err != nil {
		return err
	}
	return a.DeadLetters(ctx, args, os.Stdout)
}

// serve works until a signal.
func serve(ctx context.Context, cfg config.Config, stderr io.Writer) error {
	soft, hard, end := app.Signals(ctx)
	defer end()
	a, err := app.Open(soft, cfg, app.NewLog(stderr, cfg.LogFormat))
	if err != nil {
		return err
	}
	defer a.Close()
	a.Log.Info().Str("backend", string(cfg.Backend)).Str("codec", codec.Library()).Str("ops", cfg.OpsAddr).Msg("worker started")
	both, ctx := errgroup.WithContext(soft)
	both.Go(func() error { return a.ServeOps(ctx) })
	both.Go(func() error { return a.Runner().Run(ctx, hard) })
	if err := both.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	a.Log.Info().Msg("worker stopped")
	return nil
}
