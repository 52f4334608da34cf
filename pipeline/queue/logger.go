package queue

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

// logger gives the server's words to zerolog. A server in our process is not the one to end it: what it calls fatal is an
// error here, and somebody else's decision.
type logger struct {
	log     zerolog.Logger
	onFatal func(error)

	mu      sync.Mutex
	fatal   error // guarded by mu; the first one
	started bool  // guarded by mu; before, whoever starts the server sees fatal
}

func (l *logger) Noticef(format string, v ...any) { l.log.Debug().Msgf(format, v...) }
func (l *logger) Debugf(format string, v ...any)  { l.log.Trace().Msgf(format, v...) }
func (l *logger) Tracef(format string, v ...any)  { l.log.Trace().Msgf(format, v...) }
func (l *logger) Warnf(format string, v ...any)   { l.log.Warn().Msgf(format, v...) }

// Errorf implements server.Logger. A stream whose file could not be written once takes no message any more, also when the disk
// has room again, until the server is started anew: it cannot go on.
func (l *logger) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.log.Error().Msg(text)
	if strings.Contains(strings.ToLower(text), "critical write error") {
		l.fail(errors.New("nats server: " + text))
	}
}

// Fatalf implements server.Logger.
func (l *logger) Fatalf(format string, v ...any) {
	err := fmt.Errorf("nats server: "+format, v...)
	l.log.Error().Msg(err.Error())
	l.fail(err)
}

func (l *logger) fail(err error) {
	l.mu.Lock()
	if l.fatal == nil {
		l.fatal = err
	}
	tell := l.started && l.onFatal != nil
	l.mu.Unlock()
	if tell {
		l.onFatal(err)
	}
}

// start returns what was fatal until now; from here on onFatal is told.
func (l *logger) start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started = true
	return l.fatal
}
