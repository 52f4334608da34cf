package recipe

// Order is that of the documents of a split.
type Order struct {
	// How is one of shuffle, corpus and signal.
	How string `yaml:"-" json:"how,omitempty"`
	// Seed is that of a shuffle.
	Seed uint64 `yaml:"-" json:"seed,omitempty"`
	// Signal is the one that documents are sorted by, and Descending says that the largest come first.
	Signal     string `yaml:"-" json:"signal,omitempty"`
	Descending bool   `yaml:"-" json:"descending,omitempty"`
}

// Orders.
const (
	OrderShuffle = "shuffle"
	OrderCorpus  = "corpus"
	OrderSignal  = "signal"
)
