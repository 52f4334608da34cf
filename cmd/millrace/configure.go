package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/config"
	"millrace/cmd/millrace/output"
	"millrace/pipeline"
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
	c, err := config.Load(a.config, data, a.environ, a.set...)
	if err == nil {
		err = c.Normalize.ReadKey()
	}
	return configErrorIn(a.config, data, c, err)
}

// configError makes what is wrong with a config an error of the user's.
func configError(c config.Config, err error) (config.Config, error) {
	return configErrorIn("", nil, c, err)
}

// configErrorIn is the same of one that was read from the data of a file. What no package of the config knows is checked here.
func configErrorIn(name string, data []byte, c config.Config, err error) (config.Config, error) {
	if _, unknown := pipeline.StageNames(stageNames(), c.Worker.Stages); unknown != nil {
		err = errors.Join(err, fmt.Errorf("worker.stages: %w", unknown))
	}
	err = errors.Join(err, familyKinds().check(c.Signals), familyKinds().checkRules(c))
	if err = config.Located(name, data, err); err != nil {
		err = pipeline.WithHint(fmt.Errorf("%w: %w", pipeline.ErrUsage, err), "millrace config show prints every setting and its value")
	}
	return c, err
}

func newConfig(a *app) *cobra.Command {
	check := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a config file and name everything that is wrong with it",
		Args:  wantArgs(1, 1, "FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			a.config = args[0]
			c, err := a.load()
			if err == nil {
				_, err = rulesOf(c)
			}
			if err != nil {
				return err
			}
			return a.say(map[string]bool{"valid": true}, "%s is valid\n", args[0])
		},
	}
	show := &cobra.Command{
		Use:   "show",
		Short: "Print the settings as they are in effect",
		Long: `Prints every setting with its value in effect, as YAML that --config reads back: the defaults, then the file of
--config, then the environment, then --set. The variable of a setting is its path in capitals: MILLRACE_DEDUPE_THRESHOLD for
dedupe.threshold. With --json it prints those that have a part in the result; with every version those of them are stored that
are not at their defaults.`,
		Args: wantArgs(0, 0, ""),
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
	return parent("config", "Check and show settings", check, show)
}
