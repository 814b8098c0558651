package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudworks/internal/app"
	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/config"
	"cloudworks/internal/site"
)

// serve runs the process until ctx ends. What others need ends after them:
// pages, then worker and replies, then the backend. What the worker has in hand
// is finished, unless hard ends.
func serve(ctx, hard context.Context, cfg config.Config, stderr io.Writer) (err error) {
	log := app.NewLog(stderr, cfg.LogFormat)
	if cfg.Backend == config.Local {
		local, err := app.ServeLocal(cfg, log)
		if err != nil {
			return err
		}
		defer func() {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := local.Close(stop); err != nil {
				log.Error().Err(err).Msg("close the local backend")
			}
		}()
	}
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close()
	web, err := a.Web(ctx)
	if err != nil {
		return err
	}
	var behind sync.WaitGroup
	back, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	behind.Go(func() { web.Run(back) })
	defer func() { stopBack(); behind.Wait() }()

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.ServeOps(ctx) })
	if cfg.EmbeddedWorker {
		group.Go(func() error { return a.Runner().Run(ctx, hard) })
	}
	group.Go(func() error { return app.Serve(ctx, pages(a, web), func(at net.Addr) { greet(stderr, cfg, at) }) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// pages makes the public server.
func pages(a *app.App, web *app.Web) *http.Server {
	return &http.Server{
		Addr: a.Config.Addr,
		Handler: site.New(site.Options{
			Calc: web.Calc, Pics: web.Pics, CalcQueue: web.CalcQueue, PicsQueue: web.PicsQueue,
			Log: a.Log, Observe: a.Metrics.Request, Trace: a.TraceRequests(),
			Retention: a.Config.Retention, LogRetention: a.Config.LogRetention,
			BaseURL: a.Config.BaseURL, Secure: strings.HasPrefix(a.Config.BaseURL, "https:"), Proxies: a.Config.Proxies,
			Limits: limits(a.Config.RateLimit),
		}),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

// limits gives every kind of request the same rate; 0 means no limit.
func limits(perMinute int) site.Limits {
	if perMinute == 0 {
		perMinute = -1
	}
	return site.Limits{Lists: perMinute, Uploads: perMinute, Reads: perMinute}
}

// greet says where things are, on three lines for people.
func greet(out io.Writer, cfg config.Config, at net.Addr) {
	data := "AWS, bucket " + cfg.Bucket
	if cfg.Backend == config.Local {
		folder, err := filepath.Abs(cfg.Data)
		if err != nil {
			folder = cfg.Data
		}
		data = fmt.Sprintf("%s (SQS and S3 on http://%s, access key %s, secret key %s, region %s)",
			folder, cfg.LocalAddr, app.LocalAccessKey, app.LocalSecretKey, app.LocalRegion)
	}
	fmt.Fprintf(out, "Cloudworks is on http://%s\nData: %s\nJPEG: %s\n", at, data, codec.Library())
}
