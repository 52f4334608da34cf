package corpus

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Folders hold one folder a version, in the order in which Commit moves them.
func (c *Corpus) Folders() []string {
	list := c.formats.Folders()
	for _, folder := range append(slices.Clone(c.more), pipeline.RemovedFolder, pipeline.VocabFolder, pipeline.IndexFolder, pipeline.LinesFolder, pipeline.CountsFolder, pipeline.LedgerFolder) {
		if !slices.Contains(list, folder) {
			list = append(list, folder)
		}
	}
	return list
}

// home is where the files of a plan's version go.
type home struct {
	dataset.Staging
	version string // name of the version
	data    string // the same with the beginning of the plan's digest
}

func (c *Corpus) homeOf(plan *pipeline.Plan) home {
	digest, version := plan.Digest(), pipeline.VersionName(plan.Version)
	return home{Staging: c.staging(digest), version: version, data: version + "-" + digest[:8]}
}

// staging is that of a plan with the digest.
func (c *Corpus) staging(plan string) dataset.Staging {
	return dataset.Staging{Store: c.store, Plan: plan, Folders: c.Folders()}
}

// holds says whether a folder may hold files of the version.
func (h *home) holds(folder string) bool {
	first, second, _ := strings.Cut(folder, "/")
	return slices.Contains(h.Folders, first) && (second == h.version || second == h.data)
}

// isVersionFolder says whether a folder's name is one that runs give: 000001 or 000001-89abcdef. Anything else is not ours.
func isVersionFolder(folder string) bool {
	_, name, _ := strings.Cut(folder, "/")
	version, plan, cut := strings.Cut(name, "-")
	return len(version) >= 6 && isDigits(version, "0123456789") && (!cut || len(plan) == 8 && isDigits(plan, "0123456789abcdef"))
}

func isDigits(s, digits string) bool { return strings.Trim(s, digits) == "" }
