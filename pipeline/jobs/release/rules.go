package release

import (
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// condition is a rule of select with the reason of what does not meet it.
type condition struct {
	*rule.Condition
	reason string
}

// reasonBytes is how long a reason is at most that is the rule itself.
const reasonBytes = 60

// conditionsOf are the rules of select, those of presets one by one. The error has all problems.
func conditionsOf(list []recipe.Rule, all rule.Signals, presets []rule.Preset) (conditions []condition, err error) {
	var problems []error
	add := func(i int, reason, text string) {
		c, err := rule.ParseCondition(text, all)
		if err == nil {
			conditions = append(conditions, condition{c, reason})
			return
		}
		if _, ok := errors.AsType[*rule.UnknownSignalError](err); ok {
			err = notKnown(err)
		}
		problems = append(problems, fmt.Errorf("%w: select[%d] (%s): %w", pipeline.ErrUsage, i, reason, err))
	}
	for i, r := range list {
		preset := presetOf(presets, r.Rule)
		switch {
		case r.DropLines != nil:
		case preset == nil:
			reason := r.Name
			if reason == "" {
				reason = pipeline.Excerpt(r.Rule, reasonBytes)
			}
			add(i, reason, r.Rule)
		default:
			for _, n := range preset.Rules {
				add(i, preset.Name+":"+n.Name, n.Rule)
			}
		}
	}
	if len(conditions) > mostReasons {
		problems = append(problems, fmt.Errorf("%w: select has %d rules, of at most %d", pipeline.ErrUsage, len(conditions), mostReasons))
	}
	return conditions, errors.Join(problems...)
}

// mostReasons are those of select; others have the numbers behind them.
const mostReasons = 200

func presetOf(presets []rule.Preset, name string) *rule.Preset {
	for i := range presets {
		if presets[i].Name == name {
			return &presets[i]
		}
	}
	return nil
}
