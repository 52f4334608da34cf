package show

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// RuleEarlierVersion is the rule by which a document of an earlier version stays, whatever dedupe.winner is.
const RuleEarlierVersion = "earlier_version"

// Rules of one run, as dedupe.winner names them.
const (
	ruleFirst   = "first"
	ruleLongest = "longest"
	ruleNewest  = "newest"
	ruleField   = "field:"
)

// rule is that by which a document of the winner's version stays, and one of a version goes.
func (h *versions) rule(version, winner int) string {
	if winner != version {
		return RuleEarlierVersion
	}
	for _, m := range h.list {
		if m.Version != version {
			continue
		}
		var settings struct{ Dedupe struct{ Winner string } }
		if err := json.Unmarshal(m.Settings, &settings); err == nil && settings.Dedupe.Winner != "" {
			return settings.Dedupe.Winner
		}
	}
	return ruleFirst // what settings mean that do not name it; at first there was no other one
}

// ruleText says by which rule the winner stays.
func (d *DuplicateOf) ruleText() string {
	var why string
	name, field := strings.CutPrefix(d.Rule, ruleField)
	switch {
	case d.Rule == RuleEarlierVersion:
		return "what an earlier version kept stays"
	case d.Rule == ruleLongest && d.Winner != nil:
		why = fmt.Sprintf("it is the longer one, of %s", pipeline.Counted(d.Winner.Place.Chars, "character"))
	case d.Rule == ruleLongest:
		why = "it is the longer one"
	case d.Rule == ruleNewest:
		why = "it is the newer one, as it states or by its file"
	case field:
		why = fmt.Sprintf("its %q is the greater one", visible(name))
	default:
		return "it comes first in the plan (dedupe.winner: " + visible(d.Rule) + ")"
	}
	return why + ", or equal and first in the plan (dedupe.winner: " + visible(d.Rule) + ")"
}
