package pipelinetest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports that tests listen at. They lie below those that systems give to connections: such a one may be anybody's again before a server
// listens there, or while it is down.
const (
	firstPort = 12000
	ports     = 20000
)

// FreePort returns a port of loopback at which nobody listens, for a server that is told its port, or comes back at the same one.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := firstPort + rand.IntN(ports)
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			Must(t, l.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
