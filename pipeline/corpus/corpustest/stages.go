package corpustest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// write writes what the stages leave: spills, accounts, verdicts, kept bits, the shard plan, shards, vocabulary, index
// and the phase files.
func (r *Run) write(t *testing.T, s Sabotage) {
	t.Helper()
	ctx, plan := t.Context(), r.plan
	mapped, _ := r.Job.Chain.Summed()
	var splits []pipeline.Entry
	var verdicts []byte
	documents := 0
	for i := range r.spec {
		documents += len(r.spec[i].Docs)
	}
	kept := make([]byte, documents/8+1)
	shard := ingest.Shard{}
	var chosen pipeline.Sum                                    // as far as it tells of what is left out
	numbers, losers := map[[2]int]int64{}, map[[2]int]uint32{} // by file and document
	counts := map[rune]int64{}
	number := int64(0)
	for split := range plan.Splits {
		e := pipeline.Entry{Stage: mapped, Index: split, Verdict: pipeline.VerdictDone}
		var b columnar.Batch
		var account bytes.Buffer
		enc := json.NewEncoder(&account)
		var accounts []ingest.FileAccount
		for _, piece := range plan.Splits[split].Pieces {
			file := int32(piece.File)
			f := &r.spec[file]
			if f.Dead {
				e.Verdict, e.Stage, e.Reason = pipeline.VerdictDead, r.Job.Chain.Names()[0], "panic: 坏"
				continue
			}
			a := ingest.FileAccount{File: file, Bytes: piece.End - piece.Start, Unread: f.Unread, Reason: f.Reason}
			offset := int64(0)
			for i := range f.Docs {
				d := &f.Docs[i]
				if d.goesOn() {
					b.File = append(b.File, file)
					b.Offset = append(b.Offset, offset)
					b.Text.Append([]byte(d.Text))
					b.Meta.Append(nil)
					b.Chars = append(b.Chars, int32(utf8.RuneCountInString(d.Text)))
					a.Documents++
					numbers[[2]int{int(file), i}] = number
					if d.Duplicate() {
						id, _ := ingest.DocumentID(nil, plan.SourceName(file), f.Path, offset)
						v := ingest.Verdict{
							Document: number, ID: id, WinnerID: d.OfID, WinnerVersion: int32(d.OfVersion), Kind: d.Kind, Score: d.Score,
							Withdrawn: d.Withdrawn,
						}
						if d.Withdrawn {
							chosen.Leave(pipeline.LeftRejected, ingest.ReasonWithdrawn, 1)
						}
						if d.Of != nil {
							if !r.spec[d.Of[0]].Docs[d.Of[1]].Duplicate() { // else it is sabotage
								losers[*d.Of]++
							}
							v.WinnerID, v.WinnerVersion = r.ID(d.Of[0], d.Of[1]), int32(plan.Version)
						}
						if s.Verdict != nil {
							s.Verdict(&v)
						}
						verdicts = ingest.AppendVerdict(verdicts, v)
					} else {
						kept[number/8] |= 1 << (number % 8)
						shard.Kept++
						shard.Bytes += int64(len(d.Text))
						for _, c := range d.Text {
							counts[c]++
						}
					}
					number++
				} else {
					reject := columnar.Reject{File: file, Offset: offset, Bytes: int64(len(d.Text)), Reason: d.Rejected, Detail: d.Text}
					if d.Filtered != "" {
						reject.Filtered, reject.Reason, reject.Detail = true, d.Filtered, ""
						a.Filtered++
					} else {
						a.Rejected++
					}
					pipelinetest.Must(t, enc.Encode(ingest.AccountLine{Reject: &reject}))
				}
				offset += int64(len(d.Text)) + 1
			}
			if f.Reason != "" {
				pipelinetest.Must(t, enc.Encode(ingest.AccountLine{Reject: &columnar.Reject{
					File: file, Scope: columnar.ScopeFile, Offset: offset, Bytes: f.Unread, Reason: f.Reason, Detail: "at the end",
				}}))
			}
			e.Rows += a.Documents
			e.Sum.Out += a.Documents
			e.Sum.Leave(pipeline.LeftFiltered, "any", a.Filtered)
			e.Sum.Leave(pipeline.LeftRejected, "any", a.Rejected)
			e.Sum.In += a.Read()
			e.Counters.Add("full_width_digits", 3)
			if s.Account != nil {
				s.Account(&a)
			}
			accounts = append(accounts, a)
		}
		for i := range accounts {
			pipelinetest.Must(t, enc.Encode(ingest.AccountLine{Account: &accounts[i]}))
		}
		if e.Verdict == pipeline.VerdictDone {
			pipelinetest.Must(t, pipeline.WriteAll(ctx, r.Work, ingest.AccountName(split), account.Bytes()))
			pipelinetest.WriteSpill(t, r.Work, split, &b)
		}
		if s.Entry != nil {
			s.Entry(&e)
		}
		splits = append(splits, e)
	}
	shard.End = number
	if s.Shard != nil {
		s.Shard(&shard)
	}
	if s.Kept != nil {
		s.Kept(kept)
	}
	pipelinetest.Must(t, pipeline.WriteAll(ctx, r.Work, ingest.KeptName, kept[:(number+7)/8]))
	pipelinetest.Must(t, pipeline.WriteAll(ctx, r.Work, ingest.VerdictsName, verdicts))
	var winners []byte
	for _, of := range slices.SortedFunc(maps.Keys(losers), func(a, b [2]int) int { return cmp.Compare(numbers[a], numbers[b]) }) {
		winners = ingest.AppendWinner(winners, ingest.Winner{Document: numbers[of], Losers: losers[of]})
		shard.Winners++
	}
	pipelinetest.Must(t, pipeline.WriteAll(ctx, r.Work, ingest.WinnersName, winners))
	shards := []ingest.Shard{shard}
	if shard.Kept == 0 {
		shards = shards[:0]
	}
	pipelinetest.WriteJSON(t, r.Work, ingest.ShardsName, shards)
	r.phases(t, splits, chosen, len(shards), counts, s)
	if s.Without != "" {
		pipelinetest.Must(t, r.Work.Remove(ctx, s.Without))
	}
}

// phases writes the phase file of every stage, and what the tasks behind the splits write to the corpus: there is one of each, of shards
// at most one.
func (r *Run) phases(t *testing.T, splits []pipeline.Entry, chosen pipeline.Sum, shards int, counts map[rune]int64, s Sabotage) {
	t.Helper()
	mapped, last := r.Job.Chain.Summed()
	for i := range r.Job.Chain {
		for _, track := range r.Job.Chain[i].Tracks {
			for _, stage := range track.Recorded() {
				e := pipeline.Entry{Stage: stage.Name, Verdict: pipeline.VerdictDone}
				list := []pipeline.Entry{}
				switch writes := func(folder string) bool { return slices.Contains(stage.Out, folder) }; {
				case stage.Name == mapped:
					list = splits
				case stage.Name == last:
					e.Sum = chosen
					list = append(list, e)
				case track.Apart && shards == 0:
				case writes(pipeline.DataFolder):
					list = append(list, r.shard(t, stage.Name, s))
				case writes(pipeline.IndexFolder):
					e.Outputs = r.index(t)
					list = append(list, e)
				case writes(pipeline.VocabFolder):
					e.Outputs = []pipeline.Output{r.vocab(t, counts, s)}
					for _, kind := range slices.Sorted(maps.Keys(s.Tokens)) {
						e.Outputs = append(e.Outputs, r.tokens(t, kind, s.Tokens[kind]))
					}
					list = append(list, e)
				default:
					list = append(list, e)
				}
				pipelinetest.WriteJSON(t, r.Work, pipeline.PhaseName(stage.Name), list)
			}
		}
	}
}

// shard writes the shard as the sinks do.
func (r *Run) shard(t *testing.T, stage string, s Sabotage) pipeline.Entry {
	t.Helper()
	task := pipeline.Task{Stage: stage, Plan: r.Job.Plan.Digest()}
	formats := s.Formats
	if formats == nil {
		formats = pipeline.TableFormats{pipeline.ParquetTable}
	}
	var writers []pipeline.NewWriter
	for _, format := range formats {
		writers = append(writers, func(ctx context.Context, job *pipeline.Job, shard int) (pipeline.BatchWriter, error) {
			folder := format.Folder + "/" + job.Plan.VersionFolder()
			return ingest.NewShardWriter(ctx, job, shard, folder, format, columnar.TableOptions{})
		})
	}
	// The shard plan may be wrong on purpose, which the sink would refuse.
	step := &pipeline.Step{Open: ingest.OpenShard, Write: pipeline.Writers(writers...)}
	e, err := pipelinetest.RunStep(t.Context(), step, task, r.Job)
	if err != nil {
		e = pipeline.Entry{Stage: stage, Verdict: pipeline.VerdictDone}
		if s.Shard == nil && s.Kept == nil && s.Plan == nil && s.Entry == nil {
			t.Fatal(err)
		}
	}
	return e
}

func (r *Run) index(t *testing.T) (list []pipeline.Output) {
	t.Helper()
	folder := pipeline.IndexFolder + "/" + pipeline.VersionName(r.Job.Plan.Version)
	bases := []string{"keys-00000-of-00001.idx", "signatures-00000-of-00001.sig"}
	if r.plan.MergeRuns > 0 {
		bases = append(bases, "merged-00000-of-00001.idx")
	}
	for _, base := range bases {
		w, err := pipeline.CreateOut(t.Context(), r.Job, folder+"/"+base)
		pipelinetest.Must(t, err)
		_, err = fmt.Fprintf(w, "%s of version %d", base, r.Job.Plan.Version)
		pipelinetest.Must(t, err)
		o, err := w.Commit(1)
		pipelinetest.Must(t, err)
		list = append(list, o)
	}
	return list
}

// vocab writes a character table, whose counts of documents say nothing.
func (r *Run) vocab(t *testing.T, counts map[rune]int64, s Sabotage) pipeline.Output {
	t.Helper()
	schema := []columnar.Column{
		{Name: "id", Type: columnar.Int32},
		{Name: "token", Type: columnar.String},
		{Name: "type", Type: columnar.String},
		{Name: "count", Type: columnar.Int64},
		{Name: "documents", Type: columnar.Int64},
		{Name: "new_count", Type: columnar.Int64},
		{Name: "new_documents", Type: columnar.Int64},
	}
	ids := []int32{0}
	var tokens, types columnar.Strings
	tokens.Append([]byte("<PAD>"))
	types.Append([]byte("special"))
	all := r.counted(t)
	for c, n := range counts {
		all[c] += n
	}
	cumulative, numbers := []int64{0}, []int64{0}
	chars := slices.SortedFunc(maps.Keys(all), func(a, b rune) int {
		return cmp.Or(cmp.Compare(all[b], all[a]), cmp.Compare(a, b))
	})
	for _, c := range chars {
		ids = append(ids, int32(len(ids)))
		tokens.Append([]byte(string(c)))
		types.Append([]byte("char"))
		cumulative, numbers = append(cumulative, all[c]), append(numbers, counts[c])
	}
	cumulative[0] += s.Counted
	numbers[0] += s.Vocab
	name := pipeline.VocabFolder + "/" + pipeline.VersionName(r.Job.Plan.Version) + "/chars.parquet"
	o, err := pipeline.WriteTable(t.Context(), r.Job, name, pipeline.ParquetTable, schema, columnar.TableOptions{},
		func(w columnar.TableWriter) (int64, error) {
			return int64(len(ids)), w.Write(ids, &tokens, &types, cumulative, cumulative, numbers, numbers)
		})
	pipelinetest.Must(t, err)
	return o
}

// counted are the characters of the documents that are live as the run begins: by their texts, or by the table that counts them where they
// lie in no Parquet.
func (r *Run) counted(t *testing.T) map[rune]int64 {
	t.Helper()
	counts := map[rune]int64{}
	files, err := r.Corpus.LiveFiles(t.Context())
	pipelinetest.Must(t, err)
	texts := false
	for _, f := range files {
		if format := r.Corpus.Formats().Of(f.Path); format == nil || format.Folder != pipeline.ParquetTable.Folder {
			continue
		}
		texts = true
		pipelinetest.Must(t, pipeline.ReadTable(t.Context(), r.Corpus.Files(), f.Path, columnar.Selection{Text: []string{"text"}}, func(f *columnar.Frame) error {
			column := f.Text("text")
			for i := range f.Rows() {
				for _, c := range string(column.At(i)) {
					counts[c]++
				}
			}
			return nil
		}))
	}
	base, err := r.Corpus.BaseVocab(t.Context())
	pipelinetest.Must(t, err)
	if texts || base == "" {
		return counts
	}
	columns := columnar.Selection{Text: []string{"token", "type"}, Int: []string{"count"}}
	pipelinetest.Must(t, pipeline.ReadTable(t.Context(), r.Corpus.Files(), base, columns, func(f *columnar.Frame) error {
		tokens, types := f.Text("token"), f.Text("type")
		for i, n := range f.Int("count") {
			if string(types.At(i)) != corpus.SpecialToken {
				c, _ := utf8.DecodeRune(tokens.At(i))
				counts[c] = n
			}
		}
		return nil
	}))
	return counts
}
