package queue

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// ErrDamaged says that the store folder of the embedded server cannot be read as a whole. Removing the folder costs the
// time of running tasks again, nothing else.
var ErrDamaged = errors.New("the queue's store is damaged")

const (
	// The default of 1 MiB is too near to a big ledger entry; the server advises at most 8 MB.
	maxPayload = 8 << 20
	// Accounting limits: streams reserve their MaxBytes out of them. They allocate nothing.
	maxStoreBytes  = 1 << 40
	maxMemoryBytes = 256 << 20
	// A big store takes a while to recover.
	startTimeout = 60 * time.Second
	// A request that meets a server which has just started may never be answered, so it is made again long before that.
	listTimeout = 5 * time.Second
)

// EmbeddedOptions are the choices of an Embedded server.
type EmbeddedOptions struct {
	Logger zerolog.Logger
	// SyncAlways makes every publish wait for the disk. Without it the disk has it within a second: a power loss may cost
	// that second's tasks and entries, which are counted and done again; a killed process loses nothing either way.
	SyncAlways bool
	// Listen lets other processes of this host in: on 127.0.0.1 and Port, with Token. Otherwise nobody can connect.
	Listen bool
	Port   int    // 0: a free one
	Token  string // empty: a random one
	// OnFatal is called, from any goroutine, when the started server says that it cannot go on. It may be nil.
	OnFatal func(error)
}

// Embedded is a NATS server in this process, which listens nowhere or on loopback alone, and one connection to it.
type Embedded struct {
	server *server.Server
	token  string // empty: listens nowhere
	conn   *nats.Conn
	close  func()
}

// StartEmbedded starts a server that keeps its streams in the folder dir, made if need be. One process at a time may do
// so: two would fork the history without noticing, so the caller holds a lock. The error is ErrDamaged if removing dir
// would help.
func StartEmbedded(ctx context.Context, dir string, o EmbeddedOptions) (*Embedded, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("start nats server: %w", err)
	}
	log := &logger{log: o.Logger, onFatal: o.OnFatal}
	options := &server.Options{
		ServerName:             "millrace",
		DontListen:             !o.Listen,
		JetStream:              true,
		StoreDir:               dir, // empty would be the system's temporary folder
		JetStreamMaxStore:      maxStoreBytes,
		JetStreamMaxMemory:     maxMemoryBytes,
		SyncInterval:           time.Second, // default: two minutes
		SyncAlways:             o.SyncAlways,
		MaxPayload:             maxPayload,
		NoSigs:                 true, // or SIGINT would exit the process from within the server
		NoLog:                  true, // but for SetLoggerV2
		DisableJetStreamBanner: true,
	}
	e := &Embedded{}
	if o.Listen {
		e.token = cmp.Or(o.Token, rand.Text())
		options.Host, options.Port, options.Authorization = "127.0.0.1", cmp.Or(o.Port, server.RANDOM_PORT), e.token
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("start nats server in %s: %w", dir, err)
	}
	s.SetLoggerV2(log, false, false, false)
	e.server = s
	e.close = sync.OnceFunc(e.shutdown)
	s.Start()
	if err := e.connect(ctx, dir, log); err != nil {
		e.close()
		return nil, fmt.Errorf("start nats server in %s: %w", dir, err)
	}
	return e, nil
}

func (e *Embedded) connect(ctx context.Context, dir string, log *logger) error {
	if err := log.start(); err != nil {
		if e.token != "" && e.server.JetStreamEnabled() { // the store is open, the port is not
			return err
		}
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	// Each of these has a time limit, which may pass while the process itself stands still.
	err := again(ctx, minTries, func() error {
		if !e.server.ReadyForConnections(startTimeout) {
			return fmt.Errorf("not ready after %s", startTimeout)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = again(ctx, minTries, func() (err error) {
		e.conn, err = nats.Connect("", nats.InProcessServer(e.server), nats.Name("millrace"), nats.Token(e.token),
			nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
		return err
	})
	if err != nil {
		return unreachable(err)
	}
	return again(ctx, int(startTimeout/listTimeout), func() error { return checkStreams(ctx, e.conn, dir) })
}

// again tries a step a few times.
func again(ctx context.Context, tries int, step func() error) (err error) {
	for range tries {
		if err = step(); err == nil || ctx.Err() != nil || errors.Is(err, ErrDamaged) {
			return err
		}
	}
	return err
}

// checkStreams compares what the server recovered with what lies in its folder: a stream that it cannot read it leaves
// out with a warning, and would start anew under the same name.
func checkStreams(ctx context.Context, nc *nats.Conn, dir string) error {
	folders, err := filepath.Glob(filepath.Join(escapeGlob.Replace(dir), "jetstream", "*", "streams", "*", "meta.inf"))
	if err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	if len(folders) == 0 {
		return nil
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	known := map[string]bool{}
	names := js.StreamNames(ctx)
	for n := range names.Name() {
		known[n] = true
	}
	if err := names.Err(); err != nil {
		return fmt.Errorf("list streams: %w", unreachable(err))
	}
	for _, f := range folders {
		if name := filepath.Base(filepath.Dir(f)); !known[name] {
			return fmt.Errorf("%w: stream %s is not readable", ErrDamaged, name)
		}
	}
	return nil
}

// escapeGlob keeps what is special to filepath.Glob in a folder's name.
var escapeGlob = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`)

// Conn is the connection to the server, closed by Close.
func (e *Embedded) Conn() *nats.Conn { return e.conn }

// URL is where the server listens, for nats clients of this host. It is empty if it does not listen.
func (e *Embedded) URL() string {
	if e.token == "" {
		return ""
	}
	return e.server.ClientURL()
}

// Token is what such a client has to show. It is a secret.
func (e *Embedded) Token() string { return e.token }

// Close sends what is buffered, stops the server and waits until it has written everything. Every Run on the connection
// has to be closed before. It may be called again.
func (e *Embedded) Close() { e.close() }

func (e *Embedded) shutdown() {
	if e.conn != nil {
		// Acks that are still in the client's buffer save a redelivery, nothing else.
		_ = e.conn.FlushTimeout(time.Second)
		e.conn.Close()
	}
	if e.token == "" {
		// Ended first, the streams are closed in a millisecond. Shutdown would tell everybody who waits for a task, and sleep twentieths of
		// a second for them to hear it; here there is nobody any more.
		_ = e.server.ShutdownJetStream() // an error would be of a cluster
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}
