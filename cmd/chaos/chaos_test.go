package main

import (
	"os"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestChaos is a short schedule on a folder, and one on a bucket. make chaos does many.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: a storm takes a minute")
	}
	const nats, s3 = "../../.cache/bin/nats-server", "../../" + pipelinetest.S3Server
	for _, server := range []string{nats, s3} {
		if _, err := os.Stat(server); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is absent: make builds it before the tests", server)
			}
			t.Skipf("skip: no server: make %s", server[len("../../"):])
		}
	}
	// Seeds by which all kinds of step are done.
	for store, seed := range map[string]uint64{storeFolder: 87, storeBucket: 120} {
		t.Run(store, func(t *testing.T) {
			err := chaos(t.Context(), options{
				schedules: 1, seed: seed, workers: 3, kilobytes: 6000, steps: 6, nats: nats, s3: s3, store: store, say: t.Logf,
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
