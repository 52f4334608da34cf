package order

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// ranker makes the rank of a document: bytes, of which the greater ones come first. Bytes that are not there count as zeros.
type ranker struct {
	plan   *ingest.Plan
	winner string
	field  string
	rank   []byte
	meta   map[string]json.RawMessage
}

// What the rank of a value begins with. What is neither has no rank, which is the least.
const (
	rankString   = 1
	rankNegative = 2
	rankZero     = 3
	rankPositive = 4
)

func newRanker(winner string, plan *ingest.Plan) *ranker {
	r := &ranker{plan: plan, winner: winner, meta: map[string]json.RawMessage{}}
	if name, ok := strings.CutPrefix(winner, Field); ok {
		r.winner, r.field = Field, name
	}
	return r
}

// kind is that of the file of ranks.
func (r *ranker) kind() sorted.Kind { return ranksKind(r.winner == Field) }

// of is the rank of a row. It is valid until the next call.
func (r *ranker) of(b *columnar.Batch, row int) []byte {
	switch r.winner {
	case Longest:
		r.rank = binary.BigEndian.AppendUint64(r.rank[:0], uint64(utf8.RuneCount(b.Text.At(row))))
	case Newest:
		r.rank = binary.BigEndian.AppendUint64(r.rank[:0], r.time(b.Meta.At(row), r.plan.Files[b.File[row]].ModTime))
	default:
		r.rank = r.appendField(r.rank[:0], b.Meta.At(row))
	}
	return r.rank
}

// stated marks the rank of a time that a document states: it is above all times of files.
const stated = 1 << 63

// earliest and latest bound the times of files, so that they take 63 bits: from 1823 to 2116, to the nanosecond.
const earliest, latest = -1 << 62, 1<<62 - 1

// time is the rank of the time of a document: of what its metadata say of it, to two nanoseconds, else of its file.
func (r *ranker) time(meta []byte, file int64) uint64 {
	if bytes.Contains(meta, []byte(`"published"`)) || bytes.Contains(meta, []byte(`"modified"`)) {
		r.read(meta)
		for _, key := range [...]string{"modified", "published"} {
			var s string
			if json.Unmarshal(r.meta[key], &s) == nil {
				if t, ok := instant(s); ok {
					return stated | ascending(t.UnixNano())>>1
				}
			}
		}
	}
	return uint64(min(max(file, earliest), latest) - earliest)
}

// ascending maps numbers to unsigned ones in the same order.
func ascending(n int64) uint64 { return uint64(n) ^ 1<<63 }

// read reads the members of an object; of what is no object there are none.
func (r *ranker) read(meta []byte) {
	clear(r.meta)
	if len(meta) == 0 {
		return
	}
	if err := json.Unmarshal(meta, &r.meta); err != nil {
		clear(r.meta)
	}
}

// appendField appends the rank of a member of an object.
func (r *ranker) appendField(dst, meta []byte) []byte {
	r.read(meta)
	switch raw := r.meta[r.field]; {
	case len(raw) == 0:
		return dst
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return dst
		}
		return appendInstant(append(dst, rankString), s)
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return appendNumber(dst, raw)
	}
	return dst
}

// mostExponent bounds the exponents that are told apart.
const mostExponent = 1 << 40

// appendNumber appends the rank of a JSON number: of 0.ddd times a power of ten the power, then the digits. A number of 19
// digits, such as a time in nanoseconds, is told from the next one, which as a floating-point number it would not be.
func appendNumber(dst, raw []byte) []byte {
	raw, negative := bytes.CutPrefix(raw, []byte("-"))
	power := int64(0)
	if at := bytes.IndexAny(raw, "eE"); at >= 0 {
		// Out of range it is the greatest or the least there is.
		n, _ := strconv.ParseInt(string(raw[at+1:]), 10, 64)
		power, raw = max(-mostExponent, min(n, mostExponent)), raw[:at]
	}
	whole, fraction, _ := bytes.Cut(raw, []byte("."))
	power += int64(len(whole))
	digits := append(bytes.Clone(whole), fraction...)
	significant := bytes.TrimLeft(digits, "0")
	power -= int64(len(digits) - len(significant))
	significant = bytes.TrimRight(significant, "0")
	switch {
	case len(significant) == 0:
		return append(dst, rankZero)
	case !negative:
		dst = binary.BigEndian.AppendUint64(append(dst, rankPositive), ascending(power))
		return append(dst, significant...)
	}
	dst = binary.BigEndian.AppendUint64(append(dst, rankNegative), ^ascending(power))
	for _, d := range significant {
		dst = append(dst, ^d)
	}
	return append(dst, 0xFF) // of two that begin alike the longer one is less
}
