package rule

// Preset is a list of rules under one name, most with the numbers of somebody who has published them.
type Preset struct {
	Name string
	// Note says in a line whose numbers these are, and what of the authors' rules is not in the list.
	Note string
	// Rules are tried in this order.
	Rules []Named
}

// Named is a rule with its name in a preset.
type Named struct{ Name, Rule string }
