package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"cloudworks/internal/config"
	"cloudworks/internal/localcloud"
)

// Local is the embedded backend, being served.
type Local struct {
	backend *localcloud.Server
	server  *http.Server
	served  chan error
}

// ServeLocal opens the embedded backend in cfg.Data and serves it on
// cfg.LocalAddr until Close.
func ServeLocal(cfg config.Config, log zerolog.Logger) (*Local, error) {
	backend, err := localcloud.Open(localcloud.Options{
		Dir: cfg.Data, AccessKey: LocalAccessKey, SecretKey: LocalSecretKey, Region: LocalRegion,
		ErrorLog: func(err error) { log.Error().Err(err).Msg("local backend") },
		Expire: []localcloud.Rule{
			{Prefix: "uploads/", After: cfg.Retention},
			{Prefix: "results/", After: cfg.Retention},
			{Prefix: "logs/", After: cfg.LogRetention},
		},
	})
	if err != nil {
		return nil, err
	}
	listener, err := localcloud.Listen(cfg.LocalAddr)
	if err != nil {
		return nil, errors.Join(err, backend.Close())
	}
	l := &Local{backend: backend, served: make(chan error, 1)}
	l.server = &http.Server{Handler: backend, ReadHeaderTimeout: 10 * time.Second}
	go func() { l.served <- l.server.Serve(listener) }()
	return l, nil
}

// Close ends the service: open polls at once, other calls once they are done.
func (l *Local) Close(ctx context.Context) error {
	l.backend.EndPolls()
	err := l.server.Shutdown(ctx)
	if served := <-l.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, l.backend.Close())
}
