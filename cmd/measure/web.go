package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/measure/web"
)

func webCommand() *cobra.Command {
	var w web.Lab
	var l lab
	c := &cobra.Command{
		Use: "web", Short: "measure the articles and dates found in web pages, English and Chinese, beside other tools", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := os.MkdirAll(l.data, 0o755); err != nil {
				return err
			}
			if w.Scratch, err = os.MkdirTemp(l.data, "web-"); err != nil {
				return err
			}
			defer func() { _ = os.RemoveAll(w.Scratch) }()
			w.Store.Cache = filepath.Join(l.data, "..", "web")
			w.Machine, w.Environment = machine(), l.environment
			return w.Run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&l.data, "data", ".cache/measure", "folder to work in; what is fetched goes to web beside it")
	c.Flags().StringVar(&w.Store.Clones, "clones", "", "folder of clones to read instead of fetching, as owner/name or owner+name below it")
	c.Flags().IntVar(&w.Runs, "runs", 3, "how often all pages are extracted; the least CPU time counts")
	c.Flags().StringSliceVar(&w.Only, "only", nil, "environments of other tools to measure, instead of all: "+strings.Join(slices.Sorted(maps.Keys(web.Pins)), ", "))
	c.Flags().StringVar(&w.Left, "keep", "", "folder to leave pages, right texts and what each tool made of them in")
	return c
}
