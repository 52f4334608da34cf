package main

import (
	"bufio"
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

func newCat(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "cat OUT ID...",
		Short: "Print the texts of documents",
		Long: `Prints the whole texts of live documents of the corpus in OUT, and nothing else: with a blank line between two of them. ID is the id of a
document, or the first 6 or more digits of it where no other id begins so. With --json it prints whole records, a line each, with metadata.`,
		Example: "  millrace cat corpus 0f3a5c9d6e1b47a28c0d5e6f7a8b9c0d\n  millrace cat corpus 0f3a5c 7c713c --json",
		Args:    wantArgs(2, -1, "OUT or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			signal.Ignore(syscall.SIGPIPE) // as for millrace export
			w := bufio.NewWriter(a.out)
			n, columns := 0, columnNames()
			err := a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				return show.Of(c).Find(cmd.Context(), args[1:], func(f *columnar.Frame, row int) (err error) {
					var line []byte
					if a.json {
						line, err = appendRecord(nil, columns, f, row)
					} else {
						line = append(append(line, f.Text("text").At(row)...), '\n')
						if n > 0 {
							line = append([]byte{'\n'}, line...)
						}
					}
					n++
					if err == nil {
						_, err = w.Write(line)
					}
					return err
				})
			})
			if flushed := w.Flush(); err == nil {
				err = flushed
			}
			if errors.Is(err, syscall.EPIPE) {
				return nil
			}
			return err
		},
	}
}
