package withdrawn_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

func documents(n int) (list []withdrawn.Document) {
	reasons := []string{withdrawn.ReasonReplaced, withdrawn.ReasonVanished, withdrawn.ReasonRemoved, withdrawn.ReasonResembles}
	for i := range n {
		list = append(list, withdrawn.Document{
			ID: [16]byte{byte(i), byte(i >> 8), 3}, Source: "news", Path: fmt.Sprintf("2026/%d.txt", i/10), Offset: int64(i % 10), Version: 1 + i/5000,
			Rank: int64(3 * i), Chars: int64(i) << 20, Bytes: int64(i) << 30, Reason: reasons[i%4], Detail: "新闻", Blocks: i%4 == 2,
		})
	}
	return list
}

// TestTable: what is written is read again, as work and as a part of the ledger, and as a mask.
func TestTable(t *testing.T) {
	job := pipelinetest.Run{Plan: ingest.Plan{Version: 3}}.Job(t, pipelinetest.NewMemory())
	list := documents(10_000)
	fill := func(w *withdrawn.Writer) error {
		for i := range list {
			if err := w.Write(&list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	ledger, err := withdrawn.Write(t.Context(), job, fill)
	if err != nil || ledger.Rows != int64(len(list)) || ledger.Name != withdrawn.Name(job.Plan.Version) {
		t.Fatal(ledger, err)
	}
	work, err := withdrawn.WriteWork(t.Context(), job, "withdrawn/000003.parquet", fill)
	if err != nil || work.Rows != ledger.Rows || work.Bytes != ledger.Bytes {
		t.Fatal(work, err)
	}
	for store, name := range map[pipeline.Store]string{job.Out: ledger.Name, job.Work: work.Name} {
		var got []withdrawn.Document
		err := withdrawn.Read(t.Context(), store, name, func(d *withdrawn.Document) error {
			got = append(got, *d)
			return nil
		})
		if err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%s: read %d rows otherwise than they were written, %v", name, len(got), err)
		}
		m, err := withdrawn.ReadMask(t.Context(), store, name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			if d := &list[i]; !m.Has(d.Version, d.Rank) || m.Blocks(d.Version, d.Rank) != d.Blocks || m.Has(d.Version, d.Rank+1) {
				t.Fatalf("%s: the mask has another word on %+v", name, d)
			}
		}
	}
}

// TestTableRefuses rows that are out of order, or there twice.
func TestTableRefuses(t *testing.T) {
	job := pipelinetest.Run{Plan: ingest.Plan{Version: 3}}.Job(t, pipelinetest.NewMemory())
	for name, list := range map[string][]withdrawn.Document{
		"twice":   {{Version: 1, Rank: 2}, {Version: 1, Rank: 2}},
		"rank":    {{Version: 1, Rank: 2}, {Version: 1, Rank: 1}},
		"version": {{Version: 2, Rank: 1}, {Version: 1, Rank: 2}},
	} {
		_, err := withdrawn.WriteWork(t.Context(), job, "withdrawn/1.parquet", func(w *withdrawn.Writer) error {
			for i := range list {
				if err := w.Write(&list[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			t.Errorf("%s: written", name)
		}
	}
}
