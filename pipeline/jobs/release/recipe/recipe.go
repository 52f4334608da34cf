package recipe

// Recipe is what a release is made of. A section that is nil does nothing.
type Recipe struct {
	// Name and License are for the card of the release.
	Name    string `yaml:"name" json:"name,omitempty"`
	License string `yaml:"license" json:"license,omitempty"`
	// Corpus is where the corpus lies, without the version; relative to the recipe's file. "" has to be given otherwise.
	Corpus string `yaml:"corpus" json:"corpus,omitempty"`
	// Version is that behind the @ of the corpus; 0 is the newest.
	Version int `yaml:"-" json:"version,omitempty"`
	// Select has the rules in the order in which they are tried. A document has to meet all of them.
	Select        []Rule         `yaml:"select" json:"select,omitempty"`
	Decontaminate *Decontaminate `yaml:"decontaminate" json:"decontaminate,omitempty"`
	Mix           *Mix           `yaml:"mix" json:"mix,omitempty"`
	Split         *Split         `yaml:"split" json:"split,omitempty"`
	Order         Order          `yaml:"order" json:"order,omitzero"`
	Encode        *Encode        `yaml:"encode" json:"encode,omitempty"`
	Write         []Write        `yaml:"write" json:"write,omitempty"`
	Shards        Shards         `yaml:"shards" json:"shards,omitzero"`
}
