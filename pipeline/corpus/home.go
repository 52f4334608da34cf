package corpus

import (
	"slices"
	"strings"

	"millrace/pipeline"
)

// Folders hold one folder a version, in the order in which Commit moves them.
func (c *Corpus) Folders() []string {
	list := c.formats.Folders()
	for _, folder := range append(slices.Clone(c.more), pipeline.VocabFolder, pipeline.IndexFolder, pipeline.LedgerFolder) {
		if !slices.Contains(list, folder) {
			list = append(list, folder)
		}
	}
	return list
}

const stagingPrefix = pipeline.WorkFolder + "/staging-"

// home is where the files of a plan's version go.
type home struct {
	plan    string // digest of the plan
	version string // name of the version
	data    string // the same with the beginning of the digest
	staging string // folder in which a local run builds the version
	folders []string
}

func (c *Corpus) homeOf(plan *pipeline.Plan) home {
	digest, version := plan.Digest(), pipeline.VersionName(plan.Version)
	return home{
		plan: digest, version: version, data: version + "-" + digest[:8], staging: stagingPrefix + digest[:8], folders: c.Folders(),
	}
}

// holds says whether a folder may hold files of the version.
func (h home) holds(folder string) bool {
	first, second, _ := strings.Cut(folder, "/")
	return slices.Contains(h.folders, first) && (second == h.version || second == h.data)
}

// folderOf returns the folder that belongs to one version: the first two elements of a path, "" if there are no three.
func folderOf(path string) string {
	first, rest, _ := strings.Cut(path, "/")
	second, _, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return first + "/" + second
}

// isVersionFolder says whether a folder's name is one that runs give: 000001 or 000001-89abcdef. Anything else is not ours.
func isVersionFolder(folder string) bool {
	_, name, _ := strings.Cut(folder, "/")
	version, plan, cut := strings.Cut(name, "-")
	return len(version) >= 6 && isDigits(version, "0123456789") && (!cut || len(plan) == 8 && isDigits(plan, "0123456789abcdef"))
}

func isDigits(s, digits string) bool { return strings.Trim(s, digits) == "" }
