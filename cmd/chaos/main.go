// Command chaos does runs on a cluster of real processes on this machine while it kills, stops, restarts and cuts them off at
// random. Nights, files that change, removals, purges, compactions, drops and gc come one after the other, while readers follow the corpus by its
// Delta log, by its manifests and by millrace files. It checks what comes out: the same digests as in one process, a sound corpus, no version
// too many, no dead letter, and that each read is exactly one version. It is a test that can run for hours; a short seed of it is among the
// tests of the project. The schedule follows from the seed; what the machine makes of it does not.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use: "chaos", Short: "do runs on a cluster that falls apart all the time, and check them", Args: cobra.NoArgs,
		SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.say = func(format string, args ...any) {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), time.Now().Format("15:04:05.000 ")+format+"\n", args...)
			}
			return chaos(cmd.Context(), o)
		},
	}
	f := c.Flags()
	f.Float64Var(&o.minutes, "minutes", 5, "how long schedules are begun; the last one ends when its run does")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "what the schedules follow from")
	f.IntVar(&o.workers, "workers", 4, "worker processes with all stages; some with a few are added")
	f.IntVar(&o.kilobytes, "kilobytes", 20000, "size of the input")
	f.IntVar(&o.schedules, "schedules", 0, "how many schedules at most; 0 is any number")
	f.IntVar(&o.steps, "steps", 12, "what happens behind the first two nights: nights, changes, removals, purges, compactions, drops and gc")
	f.StringVar(&o.binary, "millrace", "", "the program; built if not given")
	f.StringVar(&o.nats, "nats-server", ".cache/bin/nats-server", "the server of NATS: make chaos builds it")
	f.StringVar(&o.store, "store", storeAny, "where the corpus lies: "+storeFolder+", "+storeBucket+", or "+storeAny+", which is one after the other")
	f.StringVar(&o.s3, "s3-server", ".cache/bin/versitygw-v1.8.0", "the server of the bucket: make chaos builds it")
	f.BoolVar(&o.quiet, "no-network", false, "no network namespaces and small disks, which need root")
	return c
}
