package dedupe

import (
	"millrace/pipeline"
)

// historySource is the keys of one earlier version in a range, which may lie in several of its files: versions differ in
// the number of partitions. Values are numbers among the version's kept documents. It holds the sparse index of one file.
type historySource struct {
	files       *handles
	names       []string // of the version's key files, by partition
	first, last uint64   // the range, both in it
	next        int      // file
	until       int      // file behind the last
	file        *indexKeysFile
	at          int // next block of file
	buf         []byte
}

func newHistorySource(files *handles, version pipeline.IndexVersion, first, last uint64) *historySource {
	s := &historySource{files: files, names: version.Keys, first: first, last: last}
	if n := len(s.names); n > 0 {
		s.next, s.until = partitionOf(first, n), partitionOf(last, n)+1
	}
	return s
}

func (s *historySource) fill(items []item[uint64]) ([]item[uint64], error) {
	for {
		if s.file == nil || s.at == len(s.file.blocks) || s.file.blocks[s.at].first > s.last {
			if s.next == s.until {
				return items[:0], nil
			}
			if err := s.open(); err != nil {
				return nil, err
			}
			continue
		}
		var err error
		if items, s.buf, err = s.file.block(s.files, s.at, items[:0], s.buf); err != nil {
			return nil, err
		}
		s.at++
		from, to := 0, len(items)
		for from < to && items[from].key < s.first {
			from++
		}
		for to > from && items[to-1].key > s.last {
			to--
		}
		if from < to {
			return items[from:to], nil
		}
	}
}

// open opens the next file.
func (s *historySource) open() error {
	name := s.names[s.next]
	o, err := s.files.get(name)
	if err != nil {
		return err
	}
	f, err := openIndexKeys(o, name)
	if err != nil {
		return err
	}
	if f.partition != s.next || f.partitions != len(s.names) {
		return damaged(name, "is partition %d of %d, not %d of %d", f.partition, f.partitions, s.next, len(s.names))
	}
	s.next++
	s.file, s.at = f, f.find(s.first)
	return nil
}
