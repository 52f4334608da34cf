package main

import (
	"os"
	"testing"
)

// TestChaos is one short schedule. make chaos does many.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: a storm takes a minute")
	}
	const server = "../../.cache/bin/nats-server"
	if _, err := os.Stat(server); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is absent: make builds it before the tests", server)
		}
		t.Skipf("skip: no server of NATS: make %s", server[len("../../"):])
	}
	err := chaos(t.Context(), options{schedules: 1, seed: 20261123, workers: 3, kilobytes: 6000, nats: server, say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
}
