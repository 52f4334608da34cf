package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/store"
)

func newFiles(a *app) *cobra.Command {
	version := 0
	cmd := &cobra.Command{
		Use:   "files OUT",
		Short: "List the files that make up a corpus now",
		Long: `Lists exactly the files of the live versions of the corpus in OUT, oldest version first: data, vocabulary, ledger
and index. With --json each with its bytes, rows and SHA-256. With --at those of an earlier version, where they lie now: documents
that the newest version has not any more are in retired/, until millrace gc frees them.

Other tools read the documents without it. Where nothing is at work in OUT, by a glob:
  DuckDB     FROM 'OUT/data/*/*.parquet'
  polars     polars.scan_parquet("OUT/data/*/*.parquet")
  datasets   datasets.load_dataset("OUT", split="train")
At any moment, and at version 17, as a Delta table:
  DuckDB     INSTALL delta; FROM delta_scan('OUT')
  polars     polars.scan_delta("OUT", version=17)
  pandas     deltalake.DeltaTable("OUT", version=17).to_pandas()
  Spark      spark.read.format("delta").option("versionAsOf", 17).load("OUT")`,
		Example: "  millrace files corpus\n  millrace files corpus --at 17",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := args[0]
			if strings.Contains(root, ":") { // a URL, perhaps
				var err error
				if root, err = store.Absolute(root); err != nil {
					return err
				}
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				files, err := c.FilesAt(cmd.Context(), version)
				if err != nil {
					return err
				}
				if a.json {
					return output.JSON(a.out, map[string]any{"files": files})
				}
				for _, f := range files {
					if _, err := fmt.Fprintln(a.out, store.Join(root, f.Path)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&version, "at", 0, "the files of version `N` (default: the newest)")
	return cmd
}
