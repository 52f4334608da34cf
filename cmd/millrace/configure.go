package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// load reads the config of a command: defaults, --config, environment, --set.
func (a *app) load() (config.Config, error) {
	var data []byte
	if a.config != "" {
		var err error
		if data, err = os.ReadFile(a.config); errors.Is(err, fs.ErrNotExist) {
			return config.Config{}, usageError("", "config %s does not exist", a.config)
		} else if err != nil {
			return config.Config{}, err
		}
	}
	return a.read(config.File{Name: a.config, Data: data})
}

// read reads the config of a command from a file. Its rules may also ask for the signals of more.
func (a *app) read(file config.File, more ...signal.Family) (config.Config, error) {
	c, err := config.Load(file.Name, file.Data, a.environ, a.set...)
	c.File = file
	if err == nil {
		err = c.Normalize.ReadKey()
	}
	return configError(c, err, more...)
}

// configError makes what is wrong with a config an error of the user's, with the lines of its file. What no package of the config knows is
// checked here, as far as it shows without opening a model or a list; rules may also ask for the signals of more.
func configError(c config.Config, err error, more ...signal.Family) (config.Config, error) {
	if _, unknown := pipeline.StageNames(stageNames(), c.Worker.Stages); unknown != nil {
		err = errors.Join(err, fmt.Errorf("worker.stages: %w", unknown))
	}
	return c, userError(c, errors.Join(err, familyKinds().check(c.Signals), familyKinds().checkRules(c, more...)))
}

// userError is what is wrong with a config as an error of the user's, with the lines of its file.
func userError(c config.Config, err error) error {
	if err == nil {
		return nil
	}
	hint := "millrace config show prints every setting and its value"
	if _, unknown := errors.AsType[*rule.UnknownSignalError](err); unknown {
		hint = "millrace filters lists the presets and the signals"
	}
	return usageError(hint, "%w", c.File.Located(err))
}

func newConfig(a *app) *cobra.Command {
	asRecipe := false
	check := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a config file, or the recipe of a release, and name everything that is wrong with it",
		Long: `Checks a config file, or the recipe of a release, and names everything that is wrong with it, each with its line. FILE is taken for a
recipe if most of its keys are those of one. Whether a corpus has the signals and strata that a recipe names, millrace release says.`,
		Example: "  millrace config check configs/laptop.yaml\n  millrace config check configs/release.yaml",
		Args:    wantArgs(1, 1, "FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			a.config = args[0]
			if recipe, err := a.checkRecipe(args[0], asRecipe); recipe || err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			o, err := openingOf(c)
			if err == nil {
				err = o.check(stageNames()...)
			}
			if err != nil {
				return err
			}
			return a.say(map[string]bool{"valid": true}, "%s is valid\n", args[0])
		},
	}
	check.Flags().BoolVar(&asRecipe, "recipe", false, "take FILE for a recipe, whatever its keys")
	show := &cobra.Command{
		Use:   "show",
		Short: "Print the settings as they are in effect",
		Long: `Prints every setting with its value in effect, as YAML that --config reads back: the defaults, then the file of
--config, then the environment, then --set. The variable of a setting is its path in capitals: MILLRACE_DEDUPE_THRESHOLD for
dedupe.threshold. With --json it prints those that have a part in the result; with every version those of them are stored that
are not at their defaults.`,
		Example: "  millrace config show > all.yaml\n  millrace config show --config configs/laptop.yaml --set dedupe.threshold=0.8",
		Args:    wantArgs(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if a.json {
				settings, err := c.InEffect()
				if err != nil {
					return err
				}
				return output.JSON(a.out, settings)
			}
			data, err := c.YAML()
			if err != nil {
				return err
			}
			_, err = a.out.Write(data)
			return err
		},
	}
	return parent("config", "Begin, check and show settings", check, show, newConfigSchema(a), newConfigInit(a))
}
