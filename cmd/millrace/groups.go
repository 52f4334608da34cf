package main

import "github.com/spf13/cobra"

// addGroups adds every command below one of the headings of the help. There is no other way in, so none stands outside of them.
func addGroups(root *cobra.Command, a *app) {
	for _, g := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"make", "Make a corpus:", []*cobra.Command{
			newDetect(a), newFilters(a), newRun(a), newSignals(a), newReindex(a), newCompact(a),
		}},
		{"look", "Look at it:", []*cobra.Command{
			newReport(a), newInspect(a), newExplain(a), newDiff(a), newLog(a), newVocab(a), newLines(a), newExport(a), newCat(a), newFiles(a), newVerify(a),
		}},
		{"keep", "Undo and keep:", []*cobra.Command{newDrop(a), newRemove(a), newPurge(a), newGC(a)}},
		{"release", "Tokenizers and releases:", []*cobra.Command{newTokenizer(a), newDecontaminate(a), newRelease(a)}},
		{"cluster", "On a cluster:", []*cobra.Command{
			newServe(a), newWorker(a), newPublish(a), newStart(a), newStatus(a), newDead(a), newPause(a), newResume(a), newCancel(a),
		}},
		{"settings", "Settings and help:", []*cobra.Command{newConfig(a), newVersion(a), newCompletion(), newHelp(root), newMan(a)}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.id
		}
		root.AddCommand(g.commands...)
	}
}
