package corpus

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline"
)

// Changed names the settings that differ between stored ones and those of this process, a line each, which begins with the setting and a
// colon.
type Changed func(stored json.RawMessage) ([]string, error)

// CheckFixed refuses settings that the first version of a corpus fixed for all later ones: those of fixed, settings or sections of them. stored
// are those of that version, nil if there is none, and wayOut is told.
func (c Changed) CheckFixed(stored json.RawMessage, fixed []string, wayOut string) error {
	if stored == nil {
		return nil
	}
	changed, err := c(stored)
	if err != nil {
		return err
	}
	changed = slices.DeleteFunc(changed, func(line string) bool {
		key, _, _ := strings.Cut(line, ":")
		return !slices.ContainsFunc(fixed, func(fixed string) bool {
			return key == fixed || strings.HasPrefix(key, fixed+".")
		})
	})
	if len(changed) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: the corpus was made with other settings:\n  %s", pipeline.ErrUsage, strings.Join(changed, "\n  ")), wayOut)
}

// CheckPlanned refuses a plan that was made with other settings. what is the word for its job.
func (c Changed) CheckPlanned(p *pipeline.Plan, what string) error {
	changed, err := c(p.Settings)
	if err != nil || len(changed) == 0 {
		return err
	}
	return pipeline.WithHint(fmt.Errorf("%w: %s %s was planned with other settings:\n  %s", pipeline.ErrUsage, what, p.Digest()[:8],
		strings.Join(changed, "\n  ")), "give all processes the same config")
}
