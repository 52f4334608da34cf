package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
)

// Formats of the log.
const (
	logJSON = "json"
	logText = "text"
)

// logger makes the one logger of a command.
func (a *app) logger() (zerolog.Logger, error) {
	level, format := zerolog.InfoLevel, a.stdio.logFormat()
	if a.errTerminal {
		level = zerolog.WarnLevel
	}
	switch a.logLevel {
	case "":
	case "debug", "info", "warn", "error":
		level, _ = zerolog.ParseLevel(a.logLevel)
	default:
		return zerolog.Nop(), usageError("levels are debug, info, warn and error", "--log-level %s is unknown", a.logLevel)
	}
	format = cmp.Or(a.logFormat, format)
	if format != logJSON && format != logText {
		return zerolog.Nop(), usageError("formats are json and text", "--log-format %s is unknown", format)
	}
	w := a.err
	if format == logText {
		w = zerolog.ConsoleWriter{Out: w, NoColor: !a.errTerminal || a.noColor(), TimeFormat: time.TimeOnly}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), nil
}

// logFormat is how stderr is written unless a flag says otherwise.
func (s stdio) logFormat() string {
	format := ""
	for _, kv := range s.environ {
		if value, ok := strings.CutPrefix(kv, config.LogFormatVariable+"="); ok {
			format = value
		}
	}
	if s.errTerminal {
		return cmp.Or(format, logText)
	}
	return cmp.Or(format, logJSON)
}

// errorsAsJSON says whether the error that a command ends with is a line of JSON: with --json, and wherever the log is one. The arguments are looked at
// as they stand, for they may be what is wrong.
func errorsAsJSON(args []string, std stdio) bool {
	format, asked := formatAsked(args, std)
	return asked || format == logJSON
}

// formatAsked is how stderr is written by arguments that nobody has read yet, and whether they ask for JSON on stdout.
func formatAsked(args []string, std stdio) (format string, asked bool) {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	format = std.logFormat()
	for i, arg := range args {
		switch value, ok := strings.CutPrefix(arg, "--log-format="); {
		case ok:
			format = value
		case arg == "--log-format" && i+1 < len(args):
			format = args[i+1]
		case arg == "--json" || arg == "--json=true":
			asked = true
		}
	}
	return format, asked
}
