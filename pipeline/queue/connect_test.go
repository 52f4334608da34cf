package queue_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

const secret = "hunter2"

// refused checks that the options do not connect, for a reason of this kind, which names no secret.
func refused(t *testing.T, o queue.ConnectOptions, kind error, words ...string) {
	t.Helper()
	var log bytes.Buffer
	o.Logger, o.Patience = zerolog.New(&log), time.Millisecond
	nc, err := queue.Connect(t.Context(), o)
	if err == nil {
		nc.Close()
	}
	if !errors.Is(err, kind) {
		t.Fatalf("%v, want %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error()+log.String(), secret) {
		t.Errorf("%q or %q names a secret", err, log.String())
	}
}

func TestConnectRefused(t *testing.T) {
	nobody := "127.0.0.1:1"
	refused(t, queue.ConnectOptions{URLs: []string{"nats://u:" + secret + "@" + nobody, "tls://" + secret + "@localhost:2"}},
		pipeline.ErrUnreachable, nobody, "localhost:2")
	n := startNode(t, func(o *server.Options) { o.Authorization = "right" })
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}, Token: secret}, pipeline.ErrUnreachable, "Authorization")
	for name, o := range map[string]queue.ConnectOptions{
		"NoURL":         {},
		"NoPort":        {URLs: []string{"nats://u:" + secret + "@host:port"}},
		"Scheme":        {URLs: []string{"http://u:" + secret + "@host"}},
		"NoCredentials": {URLs: []string{n.url()}, CredentialsFile: "none"},
		"NoSeed":        {URLs: []string{n.url()}, NKeyFile: "none"},
		"NoCA":          {URLs: []string{n.url()}, CAFile: "none"},
		"NoKey":         {URLs: []string{n.url()}, CertFile: "none"},
		"NoCertificate": {URLs: []string{n.url()}, CertFile: "none", KeyFile: "none"},
		"TwoWays":       {URLs: []string{n.url()}, Token: secret, User: "u"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, o, pipeline.ErrUsage) })
	}
}

// TestConnectOld lets a server without JetStream answer as old ones do.
func TestConnectOld(t *testing.T) {
	n := startNode(t, func(o *server.Options) { o.JetStream = false })
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}}, pipeline.ErrUnreachable, "jetstream")
	nc, err := nats.Connect(n.url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Subscribe("$JS.API.INFO", func(m *nats.Msg) { _ = m.Respond([]byte(`{"api":{"level":3}}`)) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	_, err = queue.Connect(t.Context(), queue.ConnectOptions{URLs: []string{n.url()}})
	if !errors.Is(err, pipeline.ErrUnreachable) || !strings.Contains(err.Error(), "2.14") || !strings.Contains(err.Error(), server.VERSION) {
		t.Errorf("an old server: %v", err)
	}
}

func TestListen(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{Listen: true})
	host, port, err := net.SplitHostPort(strings.TrimPrefix(e.URL(), "nats://"))
	if host != "127.0.0.1" || port == "" || err != nil {
		t.Errorf("listens at %s", e.URL())
	}
	refused(t, queue.ConnectOptions{URLs: []string{e.URL()}}, pipeline.ErrUnreachable)
	nc, err := queue.Connect(t.Context(), queue.ConnectOptions{URLs: []string{e.URL()}, Token: e.Token(), Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	create(t, e.Conn(), "r", queue.Options{})
	r, err := queue.Bind(t.Context(), nc, "r", queue.BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	silent := start(t, t.TempDir(), queue.EmbeddedOptions{})
	if silent.URL() != "" || silent.Token() != "" {
		t.Errorf("a server that does not listen has %s", silent.URL())
	}
	// A port that is taken is no reason to throw the store away.
	taken, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	_, err = queue.StartEmbedded(t.Context(), t.TempDir(), queue.EmbeddedOptions{Listen: true, Port: taken})
	if err == nil || errors.Is(err, queue.ErrDamaged) {
		t.Errorf("start on a taken port: %v", err)
	}
}

func TestConnectNKey(t *testing.T) {
	user, seed := newKey(t, nkeys.CreateUser)
	n := startNode(t, func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: user}} })
	connect(t, queue.ConnectOptions{NKeyFile: write(t, "user.nk", seed)}, n)
	_, other := newKey(t, nkeys.CreateUser)
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}, NKeyFile: write(t, "other.nk", other)}, pipeline.ErrUnreachable)
}

func newKey(t *testing.T, create func() (nkeys.KeyPair, error)) (public string, seed []byte) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err = pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if seed, err = pair.Seed(); err != nil {
		t.Fatal(err)
	}
	return public, seed
}

func keyOf(t *testing.T, seed []byte) nkeys.KeyPair {
	t.Helper()
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConnectCredentials(t *testing.T) {
	operator, operatorSeed := newKey(t, nkeys.CreateOperator)
	account, accountSeed := newKey(t, nkeys.CreateAccount)
	user, userSeed := newKey(t, nkeys.CreateUser)
	claims := jwt.NewAccountClaims(account)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: -1, MemoryStorage: -1}
	accountJWT, err := claims.Encode(keyOf(t, operatorSeed))
	if err != nil {
		t.Fatal(err)
	}
	userJWT, err := jwt.NewUserClaims(user).Encode(keyOf(t, accountSeed))
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := jwt.FormatUserConfig(userJWT, userSeed)
	if err != nil {
		t.Fatal(err)
	}
	n := startNode(t, func(o *server.Options) {
		resolver := &server.MemAccResolver{}
		if err := resolver.Store(account, accountJWT); err != nil {
			t.Fatal(err)
		}
		system, _ := newKey(t, nkeys.CreateAccount)
		systemJWT, err := jwt.NewAccountClaims(system).Encode(keyOf(t, operatorSeed))
		if err != nil {
			t.Fatal(err)
		}
		if err := resolver.Store(system, systemJWT); err != nil {
			t.Fatal(err)
		}
		o.TrustedKeys, o.AccountResolver, o.SystemAccount = []string{operator}, resolver, system
	})
	connect(t, queue.ConnectOptions{CredentialsFile: write(t, "user.creds", credentials)}, n)
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}}, pipeline.ErrUnreachable)
}

func TestConnectTLS(t *testing.T) {
	authority, authorityKey := certificate(t, nil, nil)
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	host, hostKey := certificate(t, authority, authorityKey)
	client, clientKey := certificate(t, authority, authorityKey)
	n := startNode(t, func(o *server.Options) {
		o.TLS, o.TLSVerify, o.TLSTimeout = true, true, 5
		o.TLSConfig = &tls.Config{
			MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
			Certificates: []tls.Certificate{{Certificate: [][]byte{host.Raw}, PrivateKey: hostKey}},
		}
	})
	ca := write(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}))
	der, err := x509.MarshalECPrivateKey(clientKey)
	if err != nil {
		t.Fatal(err)
	}
	o := queue.ConnectOptions{
		CAFile:   ca,
		CertFile: write(t, "client.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Raw})),
		KeyFile:  write(t, "client.key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})),
	}
	create(t, connect(t, o, n), "r", queue.Options{})
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}, CAFile: ca}, pipeline.ErrUnreachable, "127.0.0.1")
	refused(t, queue.ConnectOptions{URLs: []string{n.url()}, CertFile: o.CertFile, KeyFile: o.KeyFile}, pipeline.ErrUnreachable)
}

// certificate makes one for this host, signed by parent or, if that is nil, by itself.
func certificate(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

// TestConnectLeaderless connects while a cluster has no leader: whoever asks waits for it, longer than for a connection.
func TestConnectLeaderless(t *testing.T) {
	nodes := startCluster(t)
	nc := connect(t, queue.ConnectOptions{}, nodes[0])
	nodes[1].stop()
	nodes[2].stop()
	// The one that is left may lead, and goes on for a while before it notices that it is alone.
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	answers := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := js.AccountInfo(ctx)
		return err == nil
	}
	for silent := 0; silent < 2; silent++ { // one question may be lost on a busy machine
		if answers() {
			silent = -1
			time.Sleep(100 * time.Millisecond)
		}
	}
	connected := make(chan error, 1)
	go func() {
		nc, err := queue.Connect(t.Context(), queue.ConnectOptions{URLs: []string{nodes[0].url()}, Patience: time.Millisecond})
		if err == nil {
			nc.Close()
		}
		connected <- err
	}()
	select {
	case err := <-connected:
		t.Fatalf("without a leader: %v", err)
	case <-time.After(3 * time.Second): // more than one question
	}
	nodes[1].start(t)
	if err := <-connected; err != nil {
		t.Error(err)
	}
}
