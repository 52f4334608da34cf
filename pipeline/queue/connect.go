package queue

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

const (
	// neededLevel is the JetStream API level of the first server that has all that is used here, neededVersion its name.
	neededLevel   = 4
	neededVersion = "2.14"

	connectPatience  = 5 * time.Second
	leaderPatience   = 30 * time.Second // a cluster that has lost a server may have no leader for some seconds, more than once
	reconnectWait    = 250 * time.Millisecond
	reconnectJitter  = 500 * time.Millisecond
	connectTimeout   = 2 * time.Second
	clientPing       = 10 * time.Second // a server that is cut off is noticed after two of these
	clientPingsOwing = 2
)

// ConnectOptions say where NATS is and how it knows us. At most one of CredentialsFile, NKeyFile, Token and User is set.
type ConnectOptions struct {
	URLs []string // nats:// or tls://, of one cluster; tried in random order
	Name string   // shown by the server's monitoring

	CredentialsFile string // JWT and seed
	NKeyFile        string // seed
	Token           string
	User, Password  string

	CAFile            string // PEM; the certificates that the server's must come from, else the system's
	CertFile, KeyFile string // PEM; the client's certificate

	// InboxPrefix is what the subjects of answers begin with, _INBOX if empty: see docs/nats.md on permissions.
	InboxPrefix string
	// Patience is how long the first connection is tried for, default five seconds. Later ones are tried for ever. Servers that
	// answer, but have no leader, are given half a minute more.
	Patience time.Duration
	Logger   zerolog.Logger
}

// Connect connects to a NATS cluster and checks that it can do what is needed. The caller closes the connection. Errors
// name hosts, never credentials: pipeline.ErrUnreachable if nobody answers, refuses us or is too old, pipeline.ErrUsage if
// the options cannot be right.
func Connect(ctx context.Context, o ConnectOptions) (*nats.Conn, error) {
	hosts, err := o.hosts()
	if err != nil {
		return nil, err
	}
	options, err := o.options()
	if err != nil {
		return nil, err
	}
	o.Patience = cmp.Or(o.Patience, connectPatience)
	nc, err := o.dial(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connect to nats at %s: %w: %w", hosts, pipeline.ErrUnreachable, err)
	}
	if err := o.checkServer(ctx, nc); err != nil {
		nc.Close()
		return nil, fmt.Errorf("nats at %s: %w: %w", hosts, pipeline.ErrUnreachable, err)
	}
	return nc, nil
}

// hosts names the servers for people.
func (o ConnectOptions) hosts() (string, error) {
	if len(o.URLs) == 0 {
		return "", fmt.Errorf("%w: connect to nats: no url", pipeline.ErrUsage)
	}
	hosts := make([]string, len(o.URLs))
	for i, raw := range o.URLs {
		u, err := url.Parse(raw)
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the outer one quotes the url, with its password
		}
		if err == nil && (u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "") {
			err = errors.New("not of the form nats://host:port or tls://host:port")
		}
		if err != nil {
			return "", fmt.Errorf("%w: nats url %d of %d: %w", pipeline.ErrUsage, i+1, len(o.URLs), err)
		}
		hosts[i] = u.Host
	}
	return strings.Join(hosts, ", "), nil
}

func (o ConnectOptions) options() ([]nats.Option, error) {
	log := o.Logger
	options := []nats.Option{
		nats.Name(o.Name), nats.Timeout(connectTimeout), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectJitter, reconnectJitter), nats.PingInterval(clientPing),
		nats.MaxPingsOutstanding(clientPingsOwing),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // closing is one, too
				log.Warn().Err(err).Msg("nats: disconnected")
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info().Str("server", nc.ConnectedAddr()).Msg("nats: connected again")
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Error().Err(err).Msg("nats: asynchronous error")
		}),
	}
	if o.InboxPrefix != "" {
		options = append(options, nats.CustomInboxPrefix(o.InboxPrefix))
	}
	ways := 0
	if o.CredentialsFile != "" {
		ways++
		if err := readable("credentials", o.CredentialsFile); err != nil {
			return nil, err
		}
		options = append(options, nats.UserCredentials(o.CredentialsFile))
	}
	if o.NKeyFile != "" {
		ways++
		option, err := nats.NkeyOptionFromSeed(o.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("%w: nkey file %s: %w", pipeline.ErrUsage, o.NKeyFile, err)
		}
		options = append(options, option)
	}
	if o.Token != "" {
		ways++
		options = append(options, nats.Token(o.Token))
	}
	if o.User != "" {
		ways++
		options = append(options, nats.UserInfo(o.User, o.Password))
	}
	if ways > 1 {
		return nil, fmt.Errorf("%w: nats: give one of credentials file, nkey file, token and user", pipeline.ErrUsage)
	}
	return o.secure(options)
}

func (o ConnectOptions) secure(options []nats.Option) ([]nats.Option, error) {
	if (o.CertFile == "") != (o.KeyFile == "") {
		return nil, fmt.Errorf("%w: nats: a client certificate needs both its file and its key", pipeline.ErrUsage)
	}
	if o.CAFile == "" && o.CertFile == "" {
		return options, nil
	}
	options = append(options, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	if o.CAFile != "" {
		if err := readable("ca", o.CAFile); err != nil {
			return nil, err
		}
		options = append(options, nats.RootCAs(o.CAFile))
	}
	if o.CertFile != "" {
		if _, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile); err != nil {
			return nil, fmt.Errorf("%w: nats client certificate %s: %w", pipeline.ErrUsage, o.CertFile, err)
		}
		options = append(options, nats.ClientCert(o.CertFile, o.KeyFile))
	}
	return options, nil
}

// readable refuses a file that the client would only miss once it talks to a server.
func readable(what, name string) error {
	if _, err := os.ReadFile(name); err != nil {
		return fmt.Errorf("%w: nats %s file: %w", pipeline.ErrUsage, what, err)
	}
	return nil
}

// dial tries until a server takes us, refuses us, or patience or ctx ends. The client's own way of retrying the first connection knows
// no end.
func (o ConnectOptions) dial(ctx context.Context, options []nats.Option) (nc *nats.Conn, err error) {
	waited := patient{limit: o.Patience}
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		waited.during(time.Duration(len(o.URLs))*connectTimeout, func() { nc, err = nats.Connect(strings.Join(o.URLs, ","), options...) })
		if err == nil {
			return nc, nil
		}
		if waited.out() || pipeline.IsOneOf(err,
			nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrSecureConnRequired, nats.ErrSecureConnWanted) {
			return nil, err
		}
		waited.sleep(ctx, backoff)
		if ctx.Err() != nil {
			return nil, err
		}
	}
}

// checkServer checks that the account has JetStream, and that the server knows all that is used of it.
func (o ConnectOptions) checkServer(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	refused := func() error {
		if last := nc.LastError(); errors.Is(last, nats.ErrPermissionViolation) {
			return last
		}
		return nil
	}
	var info *jetstream.AccountInfo
	waited := patient{limit: leaderPatience}
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		waited.during(askTimeout, func() {
			err = once(ctx, askTimeout, func(ctx context.Context) error {
				info, err = js.AccountInfo(ctx)
				return err
			})
		})
		if err == nil || ctx.Err() != nil || waited.out() || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) || refused() != nil {
			break
		}
		if errors.Is(err, jetstream.ErrJetStreamNotEnabled) && waited.spent > o.Patience { // not there, or not yet
			break
		}
		// A cluster that has just started, or lost a server, has no leader, and nobody answers.
		waited.sleep(ctx, backoff)
	}
	if err != nil {
		return fmt.Errorf("ask server %s for jetstream: %w", nc.ConnectedServerVersion(), errors.Join(err, refused()))
	}
	if info.API.Level < neededLevel {
		return fmt.Errorf("server %s has jetstream api level %d, %s or newer (level %d) is needed", nc.ConnectedServerVersion(),
			info.API.Level, neededVersion, neededLevel)
	}
	return nil
}
