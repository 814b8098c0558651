package app

import (
	"io"
	"time"

	"github.com/rs/zerolog"
)

// NewLog makes the process's log: JSON lines, or text for people.
func NewLog(out io.Writer, format string) zerolog.Logger {
	if format == "console" {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly}
	}
	zerolog.DurationFieldUnit = time.Millisecond
	return zerolog.New(out).With().Timestamp().Logger()
}
