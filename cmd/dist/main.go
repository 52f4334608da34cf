// Command dist makes what a release of the program is published as: static binaries in archives, wheels, Debian packages, a list of what is in
// them and their digests. It publishes nothing. The same commit and version of Go give the same bytes, in any folder and at any time: no file
// names the machine, and all times are that of the commit, or SOURCE_DATE_EPOCH.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

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
	var out, kept, maintainer string
	var names []string
	var quick bool
	in := func(cmd *cobra.Command) (*source, []platform, error) {
		list, err := platformsOf(names)
		if err != nil {
			return nil, nil, err
		}
		s, err := sourceIn(cmd.Context(), ".")
		if err != nil {
			return nil, nil, err
		}
		s.maintainer, err = maintainerOf(maintainer)
		return s, list, err
	}
	root := &cobra.Command{
		Use: "dist", Short: "make archives, wheels and Debian packages of the program",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, list, err := in(cmd)
			if err != nil {
				return err
			}
			if s.quick = quick; quick && (len(list) != 1 || list[0].os != runtime.GOOS || list[0].arch != runtime.GOARCH) {
				return errors.New("--quick is for --platform host alone")
			}
			return s.make(cmd.Context(), out, list)
		},
	}
	root.Flags().StringVar(&out, "out", "dist", "`FOLDER` of what is made; what it holds is removed first")
	root.Flags().BoolVar(&quick, "quick", false, "build as make build does, of what is compiled already: to be tried here, not given to others")
	root.PersistentFlags().StringSliceVar(&names, "platform", nil, "`OS/ARCH` to make it for; may be repeated (default all)")
	root.PersistentFlags().StringVar(&maintainer, "maintainer", defaultMaintainer, "`NAME <ADDRESS>` of who answers for the Debian packages")

	var fresh bool
	check := &cobra.Command{
		Use: "check", Short: "make it twice from copies of the source in two folders, and compare every byte",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, list, err := in(cmd)
			if err != nil {
				return err
			}
			return s.check(cmd.Context(), kept, list, fresh)
		},
	}
	check.Flags().BoolVar(&fresh, "fresh", false, "compile all of it both times, with no cache: minutes")
	check.Flags().StringVar(&kept, "out", "", "`FOLDER` that keeps the first (default none); what it holds is removed first")

	var version string
	proxy := &cobra.Command{
		Use: "proxy FOLDER", Short: "write the module as a proxy serves it: GOPROXY=file://FOLDER",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := sourceIn(cmd.Context(), ".")
			if err != nil {
				return err
			}
			folder, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return s.proxy(cmd.Context(), folder, version)
		},
	}
	proxy.Flags().StringVar(&version, "version", "v0.0.1", "`VERSION` that the module has there")
	root.AddCommand(check, proxy)
	return root
}
