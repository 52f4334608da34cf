package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Options say what a tokenizer is to be like.
type Options struct {
	Size           int      // how many tokens it has at most, special and reserved ones among them
	MinFrequency   int64    // a pair that occurs less often is not merged
	Special        []string // special tokens: they have the ids from 0 on
	Reserved       int      // how many tokens <|reserved_0|>, <|reserved_1|>… are behind them
	MaxTokenLength int      // tokens that are merged have fewer bytes, but for those of two; 0: no bound
	Goroutines     int      // as many work; 0: as many as there are processors
}

var (
	errTrained = errors.New("a trainer trains once")
	errFull    = errors.New("the pre-tokens have more than 4 billion letters")
)

// letters are how many tokens there are of single bytes.
const letters = 256

// validate names everything that is wrong; letters is how many tokens are needed beside the special ones.
func (o *Options) validate(letters int) error {
	var errs []error
	if least := len(o.Special) + o.Reserved + letters; o.Size < least || o.Size > maxSize {
		errs = append(errs, fmt.Errorf("size: %d is not from %d (special and reserved tokens, and %d of letters) to %d", o.Size, least, letters, maxSize))
	}
	if o.MinFrequency < 0 || o.Reserved < 0 || o.MaxTokenLength < 0 || o.Goroutines < 0 {
		errs = append(errs, errors.New("nothing may be negative"))
	}
	seen := map[string]bool{}
	for _, s := range o.tokens() {
		if s == "" || seen[s] {
			errs = append(errs, fmt.Errorf("special: %q is empty or there twice", s))
		}
		seen[s] = true
	}
	return errors.Join(errs...)
}

// tokens are the special and the reserved ones.
func (o *Options) tokens() []string {
	list := slices.Clone(o.Special)
	for i := range min(o.Reserved, maxSize) {
		list = append(list, fmt.Sprintf("<|reserved_%d|>", i))
	}
	return list
}

// goroutines is how many work.
func (o *Options) goroutines() int {
	if o.Goroutines > 0 {
		return o.Goroutines
	}
	return runtime.GOMAXPROCS(0)
}

// Trainer makes a byte-level BPE. It is for one goroutine.
type Trainer struct {
	o     Options
	model Model
	ids   map[string]int32 // of what is merged
	bytes [letters]int32
	small merger[uint16]
	big   merger[uint32]
	total int64 // how often bytes occur
	done  bool
}

// New makes a trainer. The error names all that is wrong with the options.
func New(o Options) (*Trainer, error) {
	if err := o.validate(letters); err != nil {
		return nil, err
	}
	t := &Trainer{o: o, ids: map[string]int32{}}
	for _, s := range o.tokens() {
		t.model.Tokens = append(t.model.Tokens, []byte(s))
		// In the file a token of bytes and a special one may be the same string, and are the same then.
		if token, ok := bytesOf(s); ok {
			t.ids[string(token)] = int32(len(t.model.Tokens) - 1)
		}
	}
	t.model.Special = len(t.model.Tokens)
	for _, b := range alphabet {
		id, ok := t.ids[string([]byte{b})]
		if !ok {
			id = t.token([]byte{b})
		}
		t.bytes[b] = id
	}
	return t, nil
}

// token makes a new one.
func (t *Trainer) token(bytes []byte) int32 {
	id := int32(len(t.model.Tokens))
	t.model.Tokens = append(t.model.Tokens, bytes)
	t.ids[string(bytes)] = id
	return id
}

// form is what a token is made of, when others are made of it.
func (t *Trainer) form(id int32) []byte {
	if int(id) < t.model.Special {
		bytes, _ := bytesOf(string(t.model.Tokens[id]))
		return bytes
	}
	return t.model.Tokens[id]
}

// isSmall says whether ids fit into cells of two bytes.
func (t *Trainer) isSmall() bool { return t.o.Size < math.MaxUint16-specials }

// Add adds a pre-token that occurs count times. It may be added in parts. The pre-token is not kept.
func (t *Trainer) Add(pretoken []byte, count int64) error {
	if t.done {
		return errTrained
	}
	if err := countable(pretoken, count, len(pretoken), &t.total); err != nil {
		return err
	}
	if len(pretoken) < 2 || count == 0 {
		return nil
	}
	if t.isSmall() {
		return addTo(&t.small, &t.bytes, pretoken, count)
	}
	return addTo(&t.big, &t.bytes, pretoken, count)
}

func addTo[T cell](m *merger[T], ids *[letters]int32, pretoken []byte, count int64) error {
	to := m.words.add(len(pretoken), count)
	if to == nil {
		return errFull
	}
	for i, b := range pretoken {
		to[i] = T(ids[b])
	}
	return nil
}

// Train merges pairs until there are as many tokens as are wanted, or no pair is left that occurs often enough. It ends early with the error of ctx.
func (t *Trainer) Train(ctx context.Context) (*Model, error) {
	if t.done {
		return nil, errTrained
	}
	t.done = true
	var err error
	if t.isSmall() {
		err = trainWith(ctx, t, &t.small)
	} else {
		err = trainWith(ctx, t, &t.big)
	}
	t.small, t.big = merger[uint16]{}, merger[uint32]{}
	if err != nil {
		return nil, err
	}
	return &t.model, nil
}

func trainWith[T cell](ctx context.Context, t *Trainer, m *merger[T]) error {
	m.least, m.maxLength = t.o.MinFrequency, t.o.MaxTokenLength
	m.initial = int32(len(t.model.Tokens))
	for id := range m.initial {
		m.lengths = append(m.lengths, int32(len(t.form(id))))
	}
	m.prepare(t.o.goroutines(), t.o.Size)
	var merges merges
	err := m.run(ctx, func() bool { return len(t.model.Tokens) < t.o.Size }, func(pair key, count int64) int32 {
		left, right := t.form(pair.left()), t.form(pair.right())
		token := append(append(make([]byte, 0, len(left)+len(right)), left...), right...)
		id, ok := t.ids[string(token)]
		if !ok {
			id = t.token(token)
			m.lengths = append(m.lengths, int32(len(token)))
		}
		merges.add(Merge{pair.left(), pair.right(), id, count})
		return id
	})
	t.model.Merges = merges.list()
	return err
}
