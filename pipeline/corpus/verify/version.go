package verify

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// version recomputes what the manifest of one version says from the files themselves, and those of the live ones before it.
func (v *verifier) version(ctx context.Context, now *manifest.View, m *manifest.Manifest, before []*manifest.Manifest) error {
	name := manifest.Name(m.Version)
	if err := m.Totals.Check(); err != nil { // invariant 7
		v.find("%s: %v", name, err)
	}
	if digest := dataset.Digest(m.Files); digest != m.Digest {
		v.find("%s: run digest is %s, its files give %s", name, m.Digest, digest)
	}
	sound := len(v.report.Problems)
	found := manifest.Totals{Files: manifest.FileTotals{Skipped: m.Totals.Files.Skipped}}
	if err := v.vocabulary(ctx, now, m, &found); err != nil {
		return err
	}
	if m.Totals.Documents.Kept > 0 && len(m.Formats()) == 0 {
		v.find("%s: %d documents kept, the shards hold 0", name, m.Totals.Documents.Kept)
	}
	reasons := manifest.NewReasons()
	documents, err := v.tables(ctx, now, m, &found, &reasons)
	if err != nil {
		return err
	}
	v.report.Versions = append(v.report.Versions, VersionReport{
		Version: m.Version, Digest: m.Digest, KeptIDs: m.KeptIDs, Files: len(m.Files), Documents: m.Totals.Documents.Kept,
		Withdrawn: now.Withdrawn(m.Version).Documents,
	})
	if len(v.report.Problems) > sound || v.anyBad(now, m) {
		return nil // sums over damaged files say nothing new
	}
	d := &found.Documents
	d.Kept = documents - d.Duplicates()
	d.Read = documents + d.Filtered + d.Rejected
	found.Files.Listed = found.Files.Skipped + found.Files.Read + found.Files.Rejected + found.Files.InPart
	found.KeptBytes = m.Totals.KeptBytes
	if kept := v.kept[m.Version]; kept != nil && !kept.Unknown && m.Totals.Documents.Kept > 0 {
		found.KeptBytes = kept.Bytes
		if kept.Rows != m.Totals.Documents.Kept {
			v.find("%s: %d documents kept, the shards hold %d", name, m.Totals.Documents.Kept, kept.Rows)
		}
		if kept.Chars != m.Totals.Chars {
			v.find("%s: %d chars, the shards hold %d", name, m.Totals.Chars, kept.Chars)
		}
		if kept.Digest() != m.KeptIDs {
			v.find("%s: kept_ids is %s, the shards give %s", name, m.KeptIDs, kept.Digest())
		}
	}
	if !saysHan(m) {
		found.HanChars, found.UncommonChars, found.ReplacementChars = 0, 0, 0
	}
	v.compare(name, &m.Totals, &found)
	for _, c := range []struct {
		what        string
		said, found map[string]int64
	}{
		{"rejected", m.Reasons.Rejected, reasons.Rejected},
		{"filtered", m.Reasons.Filtered, reasons.Filtered},
		{"files", m.Reasons.Files, reasons.Files},
	} {
		if !maps.Equal(c.said, c.found) {
			v.find("%s: reasons of %s are %v, the ledger gives %v", name, c.what, c.said, c.found)
		}
	}
	return v.retried(ctx, now, m, before)
}

// saysHan says whether the totals of a version tell Han characters and U+FFFD. Those of code versions 1 and 2 do not, nor the earlier
// ones of 3.
func saysHan(m *manifest.Manifest) bool {
	t := &m.Totals
	return !slices.Contains([]string{"1", "2", "3"}, m.Code) || t.HanChars != 0 || t.UncommonChars != 0 || t.ReplacementChars != 0
}

// retried recounts the rejects of earlier versions that a version says it has taken the place of.
func (v *verifier) retried(ctx context.Context, now *manifest.View, m *manifest.Manifest, before []*manifest.Manifest) error {
	if m.Retried == nil || slices.ContainsFunc(before, func(m *manifest.Manifest) bool { return v.anyBad(now, m) }) {
		return nil // ledgers of files with a finding say nothing
	}
	again := map[[16]byte]int{}
	err := v.corpus.EachFile(ctx, m.Version, func(key [16]byte, _ corpus.FileRow) { again[key] = 0 })
	if err != nil {
		return err
	}
	found, err := v.corpus.RetriedOf(ctx, now, before, again)
	if err != nil {
		return err
	}
	if said, have := *m.Retried, *found; !reflect.DeepEqual(said, have) {
		v.find("%s: it has taken the place of rejects %+v, the ledgers give %+v", manifest.Name(m.Version), said, have)
	}
	return nil
}

func (v *verifier) anyBad(now *manifest.View, m *manifest.Manifest) bool {
	return slices.ContainsFunc(m.Files, v.isBad) || slices.ContainsFunc(now.Below(m, pipeline.LedgerFolder), v.isBad)
}

// compare names every total that the files do not give.
func (v *verifier) compare(name string, said, found *manifest.Totals) {
	sd, fd, sf, ff := &said.Documents, &found.Documents, &said.Files, &found.Files
	for _, c := range []struct {
		what        string
		said, found int64
	}{
		{"documents read", sd.Read, fd.Read},
		{"documents kept", sd.Kept, fd.Kept},
		{"exact duplicates", sd.ExactDuplicates, fd.ExactDuplicates},
		{"same_key duplicates", sd.SameKeyDuplicates, fd.SameKeyDuplicates},
		{"near duplicates", sd.NearDuplicates, fd.NearDuplicates},
		{"duplicates of earlier versions", sd.OfEarlier, fd.OfEarlier},
		{"documents filtered", sd.Filtered, fd.Filtered},
		{"documents rejected", sd.Rejected, fd.Rejected},
		{"files listed", sf.Listed, ff.Listed},
		{"files read", sf.Read, ff.Read},
		{"files rejected", sf.Rejected, ff.Rejected},
		{"files in part", sf.InPart, ff.InPart},
		{"input bytes", said.InputBytes, found.InputBytes},
		{"unread bytes", said.UnreadBytes, found.UnreadBytes},
		{"kept bytes", said.KeptBytes, found.KeptBytes},
		{"chars", said.Chars, found.Chars},
		{"vocabulary chars", said.VocabularyChars, found.VocabularyChars},
		{"han chars", said.HanChars, found.HanChars},
		{"uncommon chars", said.UncommonChars, found.UncommonChars},
		{"replacement chars", said.ReplacementChars, found.ReplacementChars},
	} {
		if c.said != c.found {
			v.find("%s: %s are %d, the files give %d", name, c.what, c.said, c.found)
		}
	}
}

func (v *verifier) vocabulary(ctx context.Context, now *manifest.View, m *manifest.Manifest, found *manifest.Totals) error {
	f, ok := now.FindOf(m, pipeline.VocabFolder, corpus.CharsTable)
	if !ok {
		t := &m.Totals
		found.VocabularyChars, found.Chars = t.VocabularyChars, t.Chars
		found.HanChars, found.UncommonChars, found.ReplacementChars = t.HanChars, t.UncommonChars, t.ReplacementChars
		return nil
	}
	return v.content(ctx, f, func() error {
		s, err := corpus.ReadVocabulary(ctx, v.store, f)
		s.Put(found)
		return err
	})
}

// counted holds the sum of the vocabulary against the documents that were live when it was made: what runs kept, without what was
// withdrawn. Both are known to be right by then, or there are problems.
func (v *verifier) counted(ctx context.Context, now *manifest.View) error {
	f, ok := now.Find(pipeline.VocabFolder, corpus.CharsTable)
	if !ok || len(v.report.Problems) > 0 {
		return nil
	}
	live, then := int64(0), int64(0)
	for _, m := range now.Versions {
		live += m.Totals.Chars - m.Totals.Withdrawn.Chars
		if own, ok := now.FindOf(m, pipeline.VocabFolder, corpus.CharsTable); ok && own.Path == f.Path {
			then = live
		}
	}
	return v.content(ctx, f, func() error {
		sum := int64(0)
		err := pipeline.ReadTable(ctx, v.store, f.Path, columnar.Selection{Int: []string{"count"}}, func(t *columnar.Frame) error {
			for _, n := range t.Int("count") {
				sum += n
			}
			return nil
		})
		if err == nil && sum != then {
			err = fmt.Errorf("%s counts %d characters, the live documents have %d", f.Path, sum, then)
		}
		return err
	})
}

// tables sums the four ledger tables and returns how many documents are kept or duplicates.
func (v *verifier) tables(ctx context.Context, now *manifest.View, m *manifest.Manifest, found *manifest.Totals, reasons *manifest.Reasons) (documents int64, err error) {
	var filtered, rejected, unread int64 // by the files table; the rejects table must say the same
	fileRows, timeRows := int64(0), int64(0)
	sums := map[string]func(dataset.File) error{
		corpus.FilesTable: func(f dataset.File) error {
			columns := columnar.Selection{
				Text: []string{"status"}, Int: []string{"bytes", "documents", "filtered", "rejected", "unread"},
			}
			return v.rows(ctx, f, columns, &fileRows, func(t *columnar.Frame) error {
				statuses, wentOn, left, bad, lost := t.Text("status"), t.Int("documents"), t.Int("filtered"), t.Int("rejected"), t.Int("unread")
				for i, bytes := range t.Int("bytes") {
					status := string(statuses.At(i))
					if status != manifest.StatusRead && status != manifest.StatusInPart && status != manifest.StatusRejected {
						return fmt.Errorf("status %q", status)
					}
					found.Files.Add(status)
					found.InputBytes += bytes
					documents += wentOn[i]
					filtered += left[i]
					rejected += bad[i]
					unread += lost[i]
				}
				return nil
			})
		},
		corpus.TimesTable: func(f dataset.File) error {
			return v.rows(ctx, f, columnar.Selection{Int: []string{"mod_time"}}, &timeRows, func(*columnar.Frame) error { return nil })
		},
		corpus.RejectsTable: func(f dataset.File) error {
			columns := columnar.Selection{Text: []string{"scope", "verdict", "reason"}, Int: []string{"bytes"}}
			return v.rows(ctx, f, columns, new(int64), func(t *columnar.Frame) error {
				scopes, verdicts, why := t.Text("scope"), t.Text("verdict"), t.Text("reason")
				for i, bytes := range t.Int("bytes") {
					reason := string(why.At(i))
					switch {
					case string(scopes.At(i)) == corpus.ScopeFile:
						found.UnreadBytes += bytes
						reasons.Files[reason]++
					case string(verdicts.At(i)) == corpus.VerdictFiltered:
						found.Documents.Filtered++
						reasons.Filtered[reason]++
					default:
						found.Documents.Rejected++
						reasons.Rejected[reason]++
					}
				}
				return nil
			})
		},
		corpus.DuplicatesTable: func(f dataset.File) error {
			columns := columnar.Selection{Text: []string{"kind"}, Int: []string{"winner_version"}}
			return v.rows(ctx, f, columns, new(int64), func(t *columnar.Frame) error {
				kinds := t.Text("kind")
				for i, version := range t.Int("winner_version") {
					kind, err := kindOf(kinds.At(i))
					if err != nil {
						return err
					}
					found.Documents.AddDuplicate(kind)
					if int(version) != m.Version {
						found.Documents.OfEarlier++
					}
				}
				return nil
			})
		},
	}
	for _, base := range slices.Sorted(maps.Keys(sums)) {
		f, ok := now.Table(m, base)
		if !ok {
			v.find("%s names no %s", manifest.Name(m.Version), corpus.TableName(m.Version, base))
			continue
		}
		if err := v.content(ctx, f, func() error { return sums[base](f) }); err != nil {
			return 0, err
		}
	}
	d := &found.Documents
	if !v.anyBad(now, m) && (filtered != d.Filtered || rejected != d.Rejected || unread != found.UnreadBytes || fileRows != timeRows) {
		v.find("%s: %d documents filtered, %d rejected, %d bytes unread, %d times; %s gives %d, %d, %d, %d", corpus.TableName(m.Version, corpus.FilesTable),
			filtered, rejected, unread, fileRows, corpus.TableName(m.Version, corpus.RejectsTable), d.Filtered, d.Rejected, found.UnreadBytes, timeRows)
	}
	return documents, nil
}

// rows reads a table and checks its number of rows.
func (v *verifier) rows(ctx context.Context, f dataset.File, columns columnar.Selection, rows *int64, yield func(*columnar.Frame) error) error {
	err := pipeline.ReadTable(ctx, v.store, f.Path, columns, func(t *columnar.Frame) error {
		*rows += int64(t.Rows())
		return yield(t)
	})
	if err == nil && *rows != f.Rows {
		err = fmt.Errorf("%s has %d rows, its manifest says %d", f.Path, *rows, f.Rows)
	}
	return err
}

// kindOf is the reverse of ingest.KindName.
func kindOf(name []byte) (uint8, error) {
	for _, k := range []uint8{ingest.KindExact, ingest.KindSameKey, ingest.KindNear} {
		if string(name) == ingest.KindName(k) {
			return k, nil
		}
	}
	return 0, fmt.Errorf("kind %q", name)
}
