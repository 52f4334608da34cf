package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/configs"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

func newConfigSchema(a *app) *cobra.Command {
	ofRecipe := false
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a config file, or of a recipe, for editors",
		Long: `Prints the JSON Schema (2020-12) of a config file, or with --recipe of the recipe of a release: every key with what it is for, its
default, its known values and its bounds. configs/schema.json and configs/release.schema.json are these. An editor that knows YAML completes
and checks a file that begins with

  # yaml-language-server: $schema=schema.json

What only the whole of the settings tells, such as a rule that cannot be read, millrace config check says.`,
		Example: "  millrace config schema > schema.json\n  millrace config schema --recipe > release.schema.json",
		Args:    wantArgs(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			if ofRecipe {
				return output.JSON(a.out, recipe.Schema(configs.Release))
			}
			return output.JSON(a.out, config.Schema())
		},
	}
	cmd.Flags().BoolVar(&ofRecipe, "recipe", false, "of the recipe of a release")
	return cmd
}

func newConfigInit(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a config file to begin with",
		Long: `Writes a config file with the settings that are changed first, each with what it is for, to FILE, or to stdout without one. All of them
stand there at their defaults, so it changes nothing until somebody does. A FILE that is there is left alone. configs/example.yaml and
millrace config show have all the others.`,
		Example: "  millrace config init millrace.yaml\n  millrace config init",
		Args:    wantArgs(0, 1, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			text := config.Starter()
			if len(args) == 0 {
				_, err := a.out.Write(text)
				return err
			}
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			switch {
			case errors.Is(err, fs.ErrExist):
				return usageError("name another file, or move that one", "%s is there already", args[0])
			case errors.Is(err, fs.ErrNotExist):
				return usageError("make the folder first", "%s: its folder does not exist", args[0])
			case err != nil:
				return err
			}
			_, err = f.Write(text)
			if err = errors.Join(err, f.Close()); err != nil {
				return err
			}
			return a.say(map[string]string{"file": args[0]}, "%s", fmt.Sprintf("%s is written; millrace run --config %s reads it, millrace config check %s checks it\n", args[0], args[0], args[0]))
		},
	}
}
