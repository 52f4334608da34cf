package release

import (
	"testing"

	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the plan of a release holds, what it leaves in its work folder, and what lies in DIR.
func TestDocumented(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", "Body of a release", body{}, "recipe", "corpus", "about", "tokens", "lines")
	pipelinetest.DocumentedKeys(t, "release.md", "manifest.json", Manifest{}, "recipe")
	pipelinetest.DocumentedKeys(t, "release.md", "balance/decision.json", decision{})
	pipelinetest.DocumentedColumns(t, "release.md", "released", releasedSchema)
	pipelinetest.DocumentedColumns(t, "release.md", "ids", idsSchema)
	pipelinetest.DocumentedColumns(t, "release.md", "left_out", leftOutSchema)
	pipelinetest.DocumentedColumns(t, "release.md", "Documents", ofRelease)
	pipelinetest.DocumentedWords(t, "release.md", rowsMagic, scatterMagic, decisionName, releasedFolder+"/", leftOutFolder+"/", idsFolder+"/", cardName, croissant.Name,
		recipe.ReasonContaminated, recipe.ReasonBudget, recipe.ReasonCap, recipe.ReasonTooLong, recipe.ReasonEmpty)
}
