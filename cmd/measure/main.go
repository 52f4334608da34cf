// Command measure prints the figures that the README and the notes quote: what a run costs beside a public tool, stage by
// stage, how exact its duplicates are beside exhaustive pairs, and how much memory hostile input makes it take. All but the
// last need the real text of a folder that is not part of the repository, and the zstd tool; it is no test, and takes time.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use: "measure", Short: "print what a run costs and how exact it is, on real text and on hostile input",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(dataCommand(), benchCommand(), peersCommand(), phasesCommand(), benchStartCommand(), checkCommand(), accuracyCommand(), memoryCommand(),
		nightsCommand(), benchNightsCommand(), provenanceCommand(), historyCommand(), controlCommand(), clusterCommand(), confusionCommand(), webCommand())
	return root
}
