package recipe

import "fmt"

// Order is that of the documents of a split. In YAML it is shuffle or corpus alone, {shuffle: SEED}, or {by: SIGNAL, descending: true}.
type Order struct {
	// How is one of shuffle, corpus and signal.
	How string `yaml:"-" json:"how,omitempty"`
	// Seed is that of a shuffle.
	Seed uint64 `yaml:"shuffle" json:"seed,omitempty"`
	// Signal is the one that documents are sorted by, and Descending says that the largest come first.
	Signal     string `yaml:"by" json:"signal,omitempty"`
	Descending bool   `yaml:"descending" json:"descending,omitempty"`
}

// Orders.
const (
	OrderShuffle = "shuffle"
	OrderCorpus  = "corpus"
	OrderSignal  = "signal"
)

// UnmarshalYAML reads an order in each of its forms.
func (o *Order) UnmarshalYAML(unmarshal func(any) error) error {
	*o = Order{}
	if unmarshal(&o.How) == nil {
		if o.How != OrderShuffle && o.How != OrderCorpus {
			return fmt.Errorf("unknown order %q: known are %s, %s, {by: SIGNAL}", o.How, OrderShuffle, OrderCorpus)
		}
		return nil
	}
	type keys Order
	return unmarshal((*keys)(o))
}
