package fasttext

// Values of the file.
const (
	magic      = 793712314
	version    = 12
	oldVersion = 11 // whose classifiers have no n-grams of characters

	supervised = 3

	hierarchical = 1
	negative     = 2 // negative sampling: asked like one-vs-all
	softmax      = 3
	oneVsAll     = 4
)

// Bounds that no model in use comes near: n-grams cost time for each character or word of a text.
const (
	maxCharGrams = 64
	maxWordGrams = 64
)

// args are the settings that the model was trained with, as far as asking it needs them.
type args struct {
	dim       int
	wordGrams int // n-grams of words are of two to so many
	loss      int32
	bucket    int32 // how many rows n-grams share
	minn      int   // n-grams of characters are of so many
	maxn      int   // to so many
}

func (a *args) read(r *reader) {
	if n := r.int32("its mark"); n != magic {
		r.fail("the file does not begin with the mark of fastText")
	}
	v := r.int32("its version")
	if v != version && v != oldVersion {
		r.fail("version %d of the format, known are %d and %d", v, oldVersion, version)
	}
	a.dim = int(r.int32("dim"))
	for _, name := range []string{"ws", "epoch", "minCount", "neg"} {
		r.int32(name)
	}
	a.wordGrams = int(r.int32("wordNgrams"))
	a.loss = r.int32("loss")
	model := r.int32("model")
	a.bucket = r.int32("bucket")
	a.minn, a.maxn = int(r.int32("minn")), int(r.int32("maxn"))
	r.int32("lrUpdateRate")
	r.int64("t")
	if v == oldVersion {
		a.maxn = 0
	}
	a.minn = max(a.minn, 1)
	switch {
	case r.err != nil:
	case model != supervised:
		r.fail("a model of kind %d: only those that classify (supervised, %d) can be asked", model, supervised)
	case a.loss < hierarchical || a.loss > oneVsAll:
		r.fail("loss %d, known are hs (1), ns (2), softmax (3) and ova (4)", a.loss)
	case a.dim <= 0:
		r.fail("vectors of %d numbers", a.dim)
	case a.maxn > maxCharGrams:
		r.fail("n-grams of %d characters, at most %d are read", a.maxn, maxCharGrams)
	case a.wordGrams > maxWordGrams:
		r.fail("n-grams of %d words, at most %d are read", a.wordGrams, maxWordGrams)
	case a.bucket <= 0 && a.grams():
		r.fail("%d rows for n-grams", a.bucket)
	}
}

// grams says whether a text has n-grams at all.
func (a *args) grams() bool { return a.maxn >= a.minn || a.wordGrams > 1 }
