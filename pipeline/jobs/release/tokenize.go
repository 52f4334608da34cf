package release

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// tokensOf is a tokenizer as a plan has it.
type tokensOf struct {
	// Digest is the sha256 of its file, which is in the corpus at Path, or else where local.Files says.
	Digest string `json:"digest"`
	Path   string `json:"path,omitempty"`
	Size   int    `json:"size"` // one more than the greatest id
	BOS    int32  `json:"bos"`  // -1: none
	EOS    int32  `json:"eos"`
}

// tokenize finds the tokenizer.
func (b *body) tokenize(ctx context.Context, c *corpus.Corpus, v *manifest.View, files *recipeFiles) error {
	e := b.Recipe.Encode
	if e == nil {
		return nil
	}
	t := &tokensOf{}
	var of *tokenizer.Opened
	var err error
	if e.Tokenizer == recipe.TokenizerChars {
		f, ok := v.Find(pipeline.VocabFolder, tokenizer.JSONName)
		if !ok {
			return pipeline.WithHint(fmt.Errorf("%w: encode.tokenizer is chars, but version %d of the corpus has no %s", pipeline.ErrUsage, v.Newest.Version, tokenizer.JSONName),
				"a run of this version of millrace writes it")
		}
		t.Path = f.Path
		of, err = ofCorpus(ctx, c.Files(), f.Path)
	} else {
		at := files.path(e.Tokenizer)
		if of, err = tokenizer.OpenWith(at, tokenizer.Options{Pattern: e.Pattern}); err == nil {
			files.note(of.Digest, at)
		}
	}
	if err != nil {
		return unreadable("encode.tokenizer", err)
	}
	t.Digest, t.Size = of.Digest, of.Size()
	encode := *e
	encode.Tokenizer, encode.Digest = "", t.Digest
	b.Recipe.Encode, b.Tokens = &encode, t
	id := func(key, token string) (int32, error) {
		if token == "" {
			return -1, nil
		}
		n, ok := of.ID(token)
		if !ok {
			return -1, fmt.Errorf("%w: encode.%s: the tokenizer has no token %q", pipeline.ErrUsage, key, token)
		}
		return n, nil
	}
	t.BOS, err = id("bos", e.BOS)
	eos, err2 := id("eos", e.EOS)
	t.EOS = eos
	return errors.Join(err, err2)
}

// ofCorpus reads the tokenizer of the characters of a corpus.
func ofCorpus(ctx context.Context, s pipeline.Store, name string) (*tokenizer.Opened, error) {
	data, err := pipeline.ReadAll(ctx, s, name)
	if err != nil {
		return nil, err
	}
	of, err := tokenizer.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &tokenizer.Opened{Tokenizer: of, Digest: digestOf(data)}, nil
}

// tokenizer opens the tokenizer of a plan, once a process, and holds it against its digest.
func (k *Kind) tokenizer(ctx context.Context, job *pipeline.Job, b *body) (tokenizer.Tokenizer, error) {
	k.opened.mu.Lock()
	defer k.opened.mu.Unlock()
	if k.opened.of != nil && k.opened.of.Digest == b.Tokens.Digest {
		return k.opened.of.Tokenizer, nil
	}
	var of *tokenizer.Opened
	var err error
	where := b.Tokens.Path
	if where != "" {
		of, err = ofCorpus(ctx, job.Corpus, where)
	} else {
		var l local
		if l, err = localOf(job.Plan); err != nil {
			return nil, err
		}
		where = l.Files[b.Tokens.Digest]
		of, err = tokenizer.OpenWith(where, tokenizer.Options{Pattern: b.Recipe.Encode.Pattern})
	}
	if err != nil {
		return nil, err
	}
	if of.Digest != b.Tokens.Digest {
		return nil, pipeline.Permanent(fmt.Errorf("%w: %s is not the tokenizer any more that the release was planned with", pipeline.ErrUsage, where))
	}
	k.opened.of = of
	return of.Tokenizer, nil
}

// marks is how many tokens a document has that mark where it begins and ends.
func (t *tokensOf) marks() (n int) {
	for _, id := range []int32{t.BOS, t.EOS} {
		if id >= 0 {
			n++
		}
	}
	return n
}

// encoder makes the tokens of documents. It is for one goroutine.
type encoder struct {
	of  tokenizer.Encoder
	t   *tokensOf
	ids []int32
}

func (k *Kind) newEncoder(ctx context.Context, job *pipeline.Job, b *body) (*encoder, error) {
	t, err := k.tokenizer(ctx, job, b)
	if err != nil {
		return nil, err
	}
	e := &encoder{of: t.Ordinary(), t: b.Tokens}
	if b.Recipe.Encode.Special == recipe.SpecialAllowed {
		e.of = t.Encoder()
	}
	return e, nil
}

// encode returns the tokens of a text, valid until the next call.
func (e *encoder) encode(text []byte) []int32 {
	e.ids = e.ids[:0]
	if e.t.BOS >= 0 {
		e.ids = append(e.ids, e.t.BOS)
	}
	e.ids = e.of.Encode(e.ids, text)
	if e.t.EOS >= 0 {
		e.ids = append(e.ids, e.t.EOS)
	}
	return e.ids
}

// A file of tokens holds those of the selected documents of a task, in their order: for each {number uint32, xxh3 of the rest seeded with the number of the
// document uint64, as many ids uint32}, little-endian.

const tokensHead = 12

// tokensName is the file of a task.
func tokensName(task int) string { return fmt.Sprintf("%s/%06d.tokens", stageTokenize, task) }

// tokensWriter writes such a file.
type tokensWriter struct {
	file   *pipeline.OutputWriter
	to     *bufio.Writer
	buf    []byte
	number uint64 // of the next document
}

func createTokens(ctx context.Context, job *pipeline.Job, name string) (*tokensWriter, error) {
	f, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return &tokensWriter{file: f, to: bufio.NewWriterSize(f, 256<<10)}, nil
}

// write writes the tokens of the next document.
func (w *tokensWriter) write(ids []int32) error {
	w.buf = appendTokens(w.buf[:0], w.number, ids)
	w.number++
	_, err := w.to.Write(w.buf)
	return err
}

func (w *tokensWriter) commit(tokens int64) (pipeline.Output, error) {
	if err := w.to.Flush(); err != nil {
		return pipeline.Output{}, err
	}
	return w.file.Commit(tokens)
}

// tokensReader reads such a file, document by document.
type tokensReader struct {
	object pipeline.Object
	name   string
	from   *bufio.Reader
	number uint64 // of the next document
	buf    []byte
	ids    []int32
}

func openTokens(ctx context.Context, s pipeline.Store, name string) (*tokensReader, error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return &tokensReader{object: o, name: name, from: bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 256<<10)}, nil
}

func (r *tokensReader) close() error { return r.object.Close() }

// next returns the tokens of the next document, valid until the next call.
func (r *tokensReader) next() ([]int32, error) {
	var head [tokensHead]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return nil, sorted.Damaged(r.name, "%v", err)
	}
	length := int64(binary.LittleEndian.Uint32(head[:]))
	if 4*length > r.object.Size() {
		return nil, sorted.Damaged(r.name, "it is not what was written")
	}
	if int64(cap(r.buf)) < 4*length {
		r.buf = make([]byte, 4*length)
	}
	b := r.buf[:4*length]
	if _, err := io.ReadFull(r.from, b); err != nil {
		return nil, sorted.Damaged(r.name, "%v", err)
	}
	if xxh3.HashSeed(b, r.number) != binary.LittleEndian.Uint64(head[4:]) {
		return nil, sorted.Damaged(r.name, "the checksum of document %d is wrong", r.number)
	}
	r.number++
	r.ids = decodeIDs(r.ids[:0], b)
	return r.ids, nil
}

// appendTokens appends those of a document.
func appendTokens(dst []byte, number uint64, ids []int32) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, tokensHead)...)
	dst = appendIDs(dst, ids)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(ids)))
	binary.LittleEndian.PutUint64(dst[at+4:], xxh3.HashSeed(dst[at+tokensHead:], number))
	return dst
}

func appendIDs(dst []byte, ids []int32) []byte {
	for _, id := range ids {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(id))
	}
	return dst
}

func decodeIDs(dst []int32, b []byte) []int32 {
	for ; len(b) >= 4; b = b[4:] {
		dst = append(dst, int32(binary.LittleEndian.Uint32(b)))
	}
	return dst
}

// measured says whether texts are read before balance: where a mixture goes by what they come to, or texts may turn out to be such that they are left out.
// What a signal says already is not read again.
func (b *body) measured() bool {
	m := b.Recipe.Mix
	return m != nil && (b.Lines != nil || b.Tokens != nil && (m.Unit == recipe.UnitTokens && b.Counts == "" || b.Recipe.Encode.TooLong == recipe.TooLongLeaveOut))
}

// counter is the Runner of tokenize.<split>, which there is only where the mixture needs it: it cuts lines from the texts of all documents that are selected and
// makes their tokens, as far as the recipe asks for these, so that balance knows how much each has. encode takes the tokens as they are.
type counter struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r counter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	in, err := readRows(ctx, job.Work, b.selectedName(task.Index))
	if err != nil {
		return e, err
	}
	var to *encoder
	var w *tokensWriter
	if b.Tokens != nil {
		if to, err = r.kind.newEncoder(ctx, job, b); err != nil {
			return e, err
		}
		if w, err = createTokens(ctx, job, tokensName(task.Index)); err != nil {
			return e, err
		}
		defer func() { err = errors.Join(err, w.file.Close()) }()
	}
	if b.Lines != nil {
		in.cutLines, in.cutChars = make([]int32, in.len()), make([]int64, in.len())
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	left := map[string]map[int]string{recipe.ReasonEmpty: {}, recipe.ReasonTooLong: {}} // by reason
	if err := r.kind.texts(ctx, job, b, task.Index, []string{"text"}, func(i int) bool { return in.why[i] == 0 }, func(i int, d *document) error {
		var ids []int32
		if to != nil {
			ids = to.encode(d.text("text"))
		}
		if why, figure := b.unfit(d, ids); why != "" {
			left[why][i] = figure
			return nil
		}
		if b.Lines != nil {
			lines, chars := d.lost()
			in.cutLines[i], in.cutChars[i] = int32(lines), chars
		}
		switch b.Recipe.Mix.Unit {
		case recipe.UnitTokens:
			in.amount[i] = int64(len(ids))
		case recipe.UnitChars:
			_, chars := d.lost()
			in.amount[i] -= chars
		}
		e.Rows += int64(len(ids))
		e.Bytes += int64(len(d.text("text")))
		if w == nil {
			return nil
		}
		return w.write(ids)
	}); err != nil {
		return e, err
	}
	if w != nil {
		out, err := w.commit(e.Rows)
		if err != nil {
			return e, err
		}
		e.Outputs = append(e.Outputs, out)
	}
	for _, why := range []string{recipe.ReasonEmpty, recipe.ReasonTooLong} {
		in.leave(why, left[why])
	}
	again, err := in.write(ctx, job, countedName(task.Index))
	e.Outputs = append(e.Outputs, again)
	return e, err
}

// selectedName has the rows of a task with all that was decided before texts are measured.
func (b *body) selectedName(task int) string {
	if b.Recipe.Decontaminate != nil {
		return cleanName(task)
	}
	return rowsName(task)
}

// settledName has them with all that was decided before balance.
func (b *body) settledName(task int) string {
	if b.measured() {
		return countedName(task)
	}
	return b.selectedName(task)
}

// countedName has the rows of a task with what their texts came to.
func countedName(task int) string { return fmt.Sprintf("%s/%06d.rows", stageTokenize, task) }
