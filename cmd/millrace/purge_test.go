package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/parquet-go/parquet-go"
	"github.com/rs/zerolog"
	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/purge"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/dedupe"
)

// purged leaves nothing of withdrawn documents in a corpus.
func purged(t *testing.T, o ingest.Options) purge.Result {
	t.Helper()
	r, err := purge.Run(t.Context(), o.Engine(), purge.Params{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tracesIn is what verify finds of withdrawn documents.
func tracesIn(t *testing.T, out string) []string {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	pipelinetest.Must(t, err)
	defer s.Close() //nolint:errcheck // nothing was written
	report, err := verify.Corpus(t.Context(), corpus.Open(s, tables()), verify.Options{Purged: &verify.Purged{Index: dedupe.Remembered, Compared: dedupe.ComparedOf}})
	if len(report.Problems) > 0 || err == nil != (len(report.NotPurged) == 0) {
		t.Errorf("%v: %v", err, report.Problems)
	}
	return report.NotPurged
}

// thatHold are the files below some folders that hold one of some bytes: as they are, in a zstd frame wherever it begins, or in a column of
// a Parquet file.
func thatHold(t *testing.T, needles [][]byte, folders ...string) (names []string) {
	t.Helper()
	has := func(data []byte) bool {
		return slices.ContainsFunc(needles, func(needle []byte) bool { return bytes.Contains(data, needle) })
	}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if has(data) || slices.ContainsFunc(unpacked(data), has) || slices.ContainsFunc(parquetValues(data), has) {
				names = append(names, strings.TrimPrefix(path, folder+"/"))
			}
			return nil
		})
		pipelinetest.Must(t, err)
	}
	return names
}

// unpacked are the contents of the zstd frames that begin anywhere.
func unpacked(data []byte) (list [][]byte) {
	magic := []byte{0x28, 0xB5, 0x2F, 0xFD}
	for at := 0; ; at += len(magic) {
		next := bytes.Index(data[at:], magic)
		if next < 0 {
			return list
		}
		at += next
		z, err := zstd.NewReader(bytes.NewReader(data[at:]), zstd.WithDecoderConcurrency(1), zstd.IgnoreChecksum(true))
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(z) // what comes before the frame ends, or turns out to be none
		z.Close()
		list = append(list, content)
	}
}

// parquetValues are those of all columns of bytes, one behind the other.
func parquetValues(data []byte) (list [][]byte) {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	rows := parquet.NewReader(f)
	defer rows.Close() //nolint:errcheck // it is in memory
	var buf [64]parquet.Row
	for {
		n, err := rows.ReadRows(buf[:])
		for _, row := range buf[:n] {
			for _, v := range row {
				if v.Kind() == parquet.ByteArray {
					list = append(list, bytes.Clone(v.ByteArray()))
				}
			}
		}
		if err != nil {
			return list
		}
	}
}

// purgePlace is a place for a corpus, and the folders of this machine in which its bytes are.
type purgePlace struct {
	out, work string
	folders   []string
}

// TestPurge: texts that left are found in shards of every format, in texts that were compared, excerpts, spills and old versions of objects
// before a purge, and nowhere behind it, and the hashes of those that are to stay out alone.
func TestPurge(t *testing.T) {
	bucket, server := startBucket(t)
	client, err := minio.New(strings.TrimPrefix(server.Endpoint, "http://"), &minio.Options{Creds: credentials.NewStaticV4(os.Getenv("AWS_ACCESS_KEY_ID"), server.Secret, "")})
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, client.EnableVersioning(t.Context(), strings.TrimPrefix(bucket, "s3://")))
	folder, work := t.TempDir(), t.TempDir()
	for name, p := range map[string]purgePlace{
		"folder": {filepath.Join(folder, "out"), "", []string{folder}},
		"bucket": {bucket + "/corpus", work, []string{server.Folder, server.Versions, work}},
	} {
		t.Run(name, func(t *testing.T) { purgeAt(t, p) })
	}
}

func purgeAt(t *testing.T, p purgePlace) {
	t.Helper()
	in, random := filepath.Join(t.TempDir(), "news"), newRandom(70)
	options := func(paths ...string) ingest.Options {
		c := config.Default()
		c.Sinks.Use = documentTables().Names()
		o, err := engineOptions(c)
		pipelinetest.Must(t, err)
		o.Out, o.Work, o.Paths, o.Log, o.Slots = p.out, p.work, paths, zerolog.Nop(), 2
		o.SplitBytes, o.PartitionBytes, o.ShardBytes = 4<<10, 16<<10, 5<<10
		return o
	}
	// Pages of a template, which are near the bound, so that texts of earlier nights are put aside.
	template := []rune(article(random, 300))
	page := func() string {
		own := make([]rune, 56)
		for i := range own {
			own[i] = rune(0x4E00 + random.IntN(20000))
		}
		return string(template[:150]) + string(own) + string(template[150:])
	}
	blocked, released, replaced := page(), page(), article(random, 200)
	mangled := article(random, 60)
	line := func(text string) string { return fmt.Sprintf("{\"text\":%q}\n", text) }
	put(t, filepath.Join(in, "1.jsonl"), line(blocked)+line(article(random, 300))+`{"text":"`+mangled+"\n")
	put(t, filepath.Join(in, "2.jsonl"), line(replaced)+line(article(random, 300)))
	job(t, options(in))
	put(t, filepath.Join(in, "3.jsonl"), line(released)+line(article(random, 300)))
	job(t, options(in))
	put(t, filepath.Join(in, "4.jsonl"), line(page())+line(blocked))
	job(t, options(in))
	put(t, filepath.Join(in, "2.jsonl"), line(article(random, 250)))
	job(t, options(in))
	piece := func(text string) string { return string([]rune(text)[155:175]) } // of what the page has for itself
	blockedID, blockedText := liveLike(t, p.out, piece(blocked))
	releasedID, releasedText := liveLike(t, p.out, piece(released))
	for id, again := range map[string]bool{blockedID: false, releasedID: true} {
		r := removed(t, options(), remove.Params{Selection: remove.Selection{IDs: []string{id}}, AllowAgain: again})
		if r.Removed != 1 {
			t.Fatalf("%+v", r)
		}
	}
	// A night that is not over, with the same text once more.
	put(t, filepath.Join(in, "5.jsonl"), line(blocked)+line(article(random, 100)))
	ctx, cancel := context.WithCancel(t.Context())
	o := options(in)
	o.Hook = func(point string) {
		if point == "commit:checked" {
			cancel()
		}
	}
	if _, err := ingest.Run(ctx, o); err == nil {
		t.Fatal("the run was not interrupted")
	}
	pipelinetest.Must(t, os.Remove(filepath.Join(in, "5.jsonl")))

	texts := [][]byte{[]byte(piece(blocked)), []byte(piece(released)), []byte(string([]rune(replaced)[2:12])), []byte(string([]rune(mangled)[2:12]))}
	hash := func(text string) (sums [][]byte) {
		h := xxh3.HashString128(text).Bytes() // of which some write the last byte first
		sums = append(sums, bytes.Clone(h[:]))
		slices.Reverse(h[:])
		return append(sums, h[:])
	}
	found := strings.Join(thatHold(t, texts, p.folders...), " ")
	for _, part := range []string{"data/", "arrow/", "jsonl/", ".texts", "rejects.parquet", "runs/"} {
		if !strings.Contains(found, part) {
			t.Errorf("nothing is in %s before it is purged: %s", part, found)
		}
	}
	for name, text := range map[string]string{"blocked": blockedText, "released": releasedText} {
		if list := thatHold(t, hash(text), p.folders...); len(list) == 0 {
			t.Errorf("no file has the hash of the one that was %s", name)
		}
	}
	if len(tracesIn(t, p.out)) < 6 {
		t.Errorf("too few traces: %v", tracesIn(t, p.out))
	}
	was := textsIn(t, p.out)
	leaveProbe(t, p.out)

	r := purged(t, options())
	if r.Version == 0 || r.Withdrawn != 4 || r.Blocking != 1 || r.Excerpts == 0 || r.Index == 0 {
		t.Errorf("%+v", r)
	}
	if list := thatHold(t, texts, p.folders...); len(list) > 0 {
		t.Errorf("left behind in %v", list)
	}
	if list := tracesIn(t, p.out); len(list) > 0 {
		t.Errorf("verify finds %v", list)
	}
	if list := thatHold(t, hash(releasedText), p.folders...); len(list) > 0 {
		t.Errorf("hashes of what may come again are in %v", list)
	}
	if list := thatHold(t, hash(blockedText), p.folders...); len(list) != 1 || !strings.Contains(list[0], "/signatures-") {
		t.Errorf("the hash of what is to stay out is in %v", list)
	}
	if now := textsIn(t, p.out); !slices.Equal(now, was) {
		t.Errorf("%d documents are live, there were %d", len(now), len(was))
	}
	verified(t, p.out)
	if again := purged(t, options()); again.Version != 0 || again.Freed != 0 {
		t.Errorf("again: %+v", again)
	}

	// What is to stay out does, and what may come again comes.
	put(t, filepath.Join(in, "6.jsonl"), line(blocked)+line(released)+line(page()))
	n := job(t, options(in)).Documents
	if n.Kept != 2 || n.Rejected != 1 {
		t.Errorf("%+v", n)
	}
	verified(t, p.out)
}

// liveLike is the one live document that has a piece of text.
func liveLike(t *testing.T, out, piece string) (id, text string) {
	t.Helper()
	eachLive(t, out, func(one, has string) {
		if strings.Contains(has, piece) && id != "" {
			t.Errorf("%s and %s have %q", id, one, piece)
		}
		if strings.Contains(has, piece) {
			id, text = one, has
		}
	})
	return id, text
}

// textsIn are the live texts, sorted.
func textsIn(t *testing.T, out string) (texts []string) {
	t.Helper()
	eachLive(t, out, func(_, text string) { texts = append(texts, text) })
	slices.Sort(texts)
	return texts
}

// eachLive calls yield with the live documents of a corpus in any place.
func eachLive(t *testing.T, out string, yield func(id, text string)) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	pipelinetest.Must(t, err)
	defer s.Close() //nolint:errcheck // nothing was written
	for _, f := range liveFiles(t, out) {
		if !pipeline.ParquetTable.Holds(f.Path) {
			continue
		}
		pipelinetest.Must(t, pipeline.ReadTable(t.Context(), s, f.Path, columnar.Selection{Text: []string{"id", "text"}}, func(rows *columnar.Frame) error {
			for i := range rows.Rows() {
				yield(string(rows.Text("id").At(i)), string(rows.Text("text").At(i)))
			}
			return nil
		}))
	}
}

// TestPurgeSameBytes: a purge makes the same version whoever does its tasks, in a folder, in a bucket where it is killed at its steps, and on
// a cluster.
func TestPurgeSameBytes(t *testing.T) {
	bucket, _ := startBucket(t)
	in, random := filepath.Join(t.TempDir(), "news"), newRandom(71)
	var before []string
	r := rand.New(rand.NewPCG(72, 73))
	out, folder := bucket+"/corpus", filepath.Join(t.TempDir(), "out")
	for n := range 4 {
		nightFile(t, in, r, n, &before)
		appendTo(t, filepath.Join(in, fmt.Sprintf("%03d.jsonl", n)), `{"text":"`+article(random, 20)+"\n")
		for _, at := range []string{out, folder} {
			job(t, jobOptions(t, at, in))
		}
	}
	for _, at := range []string{out, folder} {
		removed(t, jobOptions(t, at), everyThird)
		removed(t, jobOptions(t, at), remove.Params{Selection: remove.Selection{Where: "chars % 3 == 1"}, AllowAgain: true})
	}
	var chained [][]string
	for _, s := range stageNames() {
		chained = append(chained, []string{s})
	}
	want := purge.Result{}
	for name, change := range map[string]func(*ingest.Options){
		"1 worker":           func(o *ingest.Options) { o.Slots = 1 },
		"8 workers":          func(o *ingest.Options) { o.Slots = 8 },
		"one worker a stage": func(o *ingest.Options) { o.Workers = chained },
	} {
		o := jobOptions(t, copied(t, folder))
		change(&o)
		got := purged(t, o)
		if want.Version == 0 {
			want = got
		}
		if got != want || got.Excerpts < 3 || got.Index < 3 {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		verified(t, o.Out)
	}
	for _, point := range []string{"purge:checked", "commit:placed", "commit:manifest", "gc:recovered", "gc:file", "gc:files", "gc:done"} {
		killedUpkeep(t, "purge", point, out)
		sound(t, out, point)
	}
	purged(t, jobOptions(t, out))
	if m := newest(t, out); m.Version != want.Version || m.Digest != want.Digest {
		t.Errorf("version %d has digest %s, in a folder it is %+v", m.Version, m.Digest, want)
	}
	verified(t, out)
	if traces := tracesIn(t, out); len(traces) > 0 {
		t.Errorf("verify finds %v", traces)
	}
}

// TestClusterPurges: a purge on a cluster makes the same version as one in one process, and leaves nothing behind, whoever dies on the way.
func TestClusterPurges(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:commit:manifest#1", "coordinator KILL:gc:file#2"} {
		t.Run(at, func(t *testing.T) {
			f := newFleet(t, news(t, 74, 40), filepath.Join(t.TempDir(), "corpus"), nats.setting("purges"+string(rune('a'+i))))
			serve, worker := f.serve(), f.millrace("worker")
			if e := f.do("start", "--wait"); e.code != exitDone && e.code != exitRejected {
				t.Fatalf("exit %d\n%s", e.code, e.stdout)
			}
			if e := f.do("start", "--job", "remove", "--wait", "--where", "chars % 3 == 0", "--reason", "a letter", "--allow-again"); e.code != exitDone {
				t.Fatalf("exit %d\n%s", e.code, e.stdout)
			}
			f.tidy()
			want := purged(t, jobOptions(t, copied(t, f.out)))
			said, serve, worker := f.although(at, serve, worker, "start", "--job", "purge", "--wait", "--json")
			var r purge.Result
			if err := json.Unmarshal([]byte(said[strings.Index(said, "{\n"):]), &r); err != nil || r.Digest != want.Digest || r.Version != 3 {
				t.Errorf("%v: %+v, want %+v\n%s", err, r, want, said)
			}
			f.stop(worker, serve)
			f.tidy()
			verified(t, f.out)
			if traces := tracesIn(t, f.out); len(traces) > 0 {
				t.Errorf("verify finds %v", traces)
			}
		})
	}
}

// leaveProbe leaves what a process does that was killed while it tried a store out.
func leaveProbe(t *testing.T, out string) {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{Write: true})
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), s, pipeline.Probes+"LEFT", []byte("1")))
	pipelinetest.Must(t, s.Close())
}
