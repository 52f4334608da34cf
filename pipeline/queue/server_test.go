package queue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
)

// node is a server of its own, as an operator would run it.
type node struct {
	options *server.Options
	*server.Server
}

// startNode starts a server with JetStream that listens on loopback, to be stopped by the test or at its end. change may
// set more options.
func startNode(t testing.TB, change func(*server.Options)) *node {
	t.Helper()
	n := &node{options: &server.Options{
		ServerName: "n0", Host: "127.0.0.1", Port: pipelinetest.FreePort(t), JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		SyncInterval: time.Second, JetStreamMaxStore: 1 << 40, // or it is by how full the disk is
	}}
	if change != nil {
		change(n.options)
	}
	n.start(t)
	t.Cleanup(n.stop)
	return n
}

func (n *node) start(t testing.TB) {
	t.Helper()
	s, err := server.NewServer(n.options.Clone())
	if err != nil {
		t.Fatal(err)
	}
	n.Server = s
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatalf("server %s is not ready", n.options.ServerName)
	}
}

func (n *node) stop() {
	n.Shutdown()
	n.WaitForShutdown()
}

func (n *node) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.options.Port) }

// startCluster starts three servers that know each other.
func startCluster(t testing.TB) []*node {
	t.Helper()
	const size = 3
	var routes []string
	var ports [size]int
	for i := range ports {
		ports[i] = pipelinetest.FreePort(t)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	nodes := make([]*node, size)
	for i := range nodes {
		nodes[i] = startNode(t, func(o *server.Options) {
			o.ServerName = fmt.Sprintf("n%d", i)
			o.Cluster = server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: ports[i]}
			o.Routes = server.RoutesFromStr(strings.Join(routes, ","))
		})
	}
	return nodes
}

// connect connects to the servers, and closes the connection at the end of the test.
func connect(t testing.TB, o queue.ConnectOptions, nodes ...*node) *nats.Conn {
	t.Helper()
	for _, n := range nodes {
		o.URLs = append(o.URLs, n.url())
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	o.Logger = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel)
	nc, err := queue.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func openControl(t testing.TB, nc *nats.Conn, o queue.ControlOptions) *queue.Control {
	t.Helper()
	c, err := queue.OpenControl(t.Context(), nc, "news", o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNoRoom: a server that has no room for what a stream reserves is told of with what it needs.
func TestNoRoom(t *testing.T) {
	n := startNode(t, func(o *server.Options) { o.JetStreamMaxStore = 5 << 30 })
	nc := connect(t, queue.ConnectOptions{}, n)
	ctx := t.Context()
	for _, id := range []string{"one", "two"} {
		if _, err := queue.Create(ctx, nc, id, queue.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := queue.Create(ctx, nc, "three", queue.Options{}); err == nil || !strings.Contains(err.Error(), "reserves 2 GiB of max_file_store") {
		t.Errorf("the third run: %v", err)
	}
}
