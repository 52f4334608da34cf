package corpus

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// Changed names the settings that differ between stored ones and those of this process, a line each, which begins with the setting and a
// colon.
type Changed func(stored json.RawMessage) ([]string, error)

// Among are those of fixed, settings or sections of them. stored may be nil: then there are none.
func (c Changed) Among(stored json.RawMessage, fixed []string) (changed []string, err error) {
	if stored == nil {
		return nil, nil
	}
	if changed, err = c(stored); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(changed, func(line string) bool {
		key, _, _ := strings.Cut(line, ":")
		return !slices.ContainsFunc(fixed, func(fixed string) bool {
			return key == fixed || strings.HasPrefix(key, fixed+".")
		})
	}), nil
}

// CheckFixed refuses settings that a corpus has fixed for all later versions: those of fixed, settings or sections of them. stored are those
// of Corpus.FixedSettings, and wayOut is told; where a reindex in out would change them, that is told as well, unless out is empty.
func (c Changed) CheckFixed(stored json.RawMessage, fixed []string, wayOut, out string) error {
	changed, err := c.Among(stored, fixed)
	if err != nil || len(changed) == 0 {
		return err
	}
	if sets, ok := reindexed(changed); ok && out != "" {
		wayOut += ", or make its index anew by millrace reindex " + out + sets
	}
	return pipeline.WithHint(fmt.Errorf("%w: the corpus was made with other settings:\n  %s", pipeline.ErrUsage, strings.Join(changed, "\n  ")), wayOut)
}

// Reindexable says of a fixed setting, or of a line that begins with one, whether a reindex may change it.
func Reindexable(setting string) bool { return strings.HasPrefix(setting, "dedupe.") }

// reindexed are the flags of a reindex by changed settings, if it may change all of them.
func reindexed(changed []string) (flags string, ok bool) {
	var list []string
	for _, line := range changed {
		key, values, _ := strings.Cut(line, ": ")
		_, now, found := strings.Cut(values, ", now ")
		if !found || !Reindexable(key) {
			return "", false
		}
		list = append(list, " --set "+key+"="+now)
	}
	return strings.Join(list, ""), true
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
