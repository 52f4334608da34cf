package main

import "millrace/pipeline/rule"

// presets is the table of the lists of rules that have a name.
func presets() []rule.Preset { return []rule.Preset{} }
