package main

import (
	"time"

	"github.com/rs/zerolog"
)

// logger makes the one logger of a command.
func (s *shared) logger() (zerolog.Logger, error) {
	level, format := zerolog.InfoLevel, "json"
	if s.errTerminal {
		level, format = zerolog.WarnLevel, "text"
	}
	switch s.logLevel {
	case "":
	case "debug", "info", "warn", "error":
		level, _ = zerolog.ParseLevel(s.logLevel)
	default:
		return zerolog.Nop(), usageError("levels are debug, info, warn and error", "--log-level %s is unknown", s.logLevel)
	}
	switch s.logFormat {
	case "":
	case "json", "text":
		format = s.logFormat
	default:
		return zerolog.Nop(), usageError("formats are json and text", "--log-format %s is unknown", s.logFormat)
	}
	w := s.err
	if format == "text" {
		w = zerolog.ConsoleWriter{Out: w, NoColor: !s.errTerminal, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), nil
}
