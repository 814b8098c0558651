package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"cloudworks/internal/ops"
)

// Serve serves handler on addr until ctx ends, then lets open requests
// finish, for at most ten seconds. started is called with the address once
// connections are taken.
func Serve(ctx context.Context, server *http.Server, started func(net.Addr)) error {
	listener, err := net.Listen("tcp", server.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if started != nil {
		started(listener.Addr())
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", server.Addr, err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// ServeOps serves health, metrics and the operators' page until ctx ends.
func (a *App) ServeOps(ctx context.Context) error {
	handler, err := ops.Handler(ops.Options{
		Metrics: a.Metrics, Ready: a.Ready, Token: a.Config.OpsToken,
		Desk: newDesk(a), Sources: a.sources(), Instance: a.Config.Instance, Log: a.Log,
	})
	if err != nil {
		return err
	}
	return Serve(ctx, &http.Server{
		Addr: a.Config.OpsAddr, Handler: handler,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}, nil)
}

// CheckHealth asks a running process's ops address whether it is well, for a
// container's health check.
func CheckHealth(ctx context.Context, opsAddr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+opsAddr+"/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("health check answered %s", answer.Status)
	}
	return nil
}
