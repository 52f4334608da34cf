package main

import (
	"time"

	"github.com/rs/zerolog"
)

// logger makes the one logger of a command.
func (a *app) logger() (zerolog.Logger, error) {
	level, format := zerolog.InfoLevel, "json"
	if a.errTerminal {
		level, format = zerolog.WarnLevel, "text"
	}
	switch a.logLevel {
	case "":
	case "debug", "info", "warn", "error":
		level, _ = zerolog.ParseLevel(a.logLevel)
	default:
		return zerolog.Nop(), usageError("levels are debug, info, warn and error", "--log-level %s is unknown", a.logLevel)
	}
	switch a.logFormat {
	case "":
	case "json", "text":
		format = a.logFormat
	default:
		return zerolog.Nop(), usageError("formats are json and text", "--log-format %s is unknown", a.logFormat)
	}
	w := a.err
	if format == "text" {
		w = zerolog.ConsoleWriter{Out: w, NoColor: !a.errTerminal, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), nil
}
