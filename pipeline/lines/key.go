package lines

import (
	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/text/web"
)

// Group is the hash of the name of a group: of documents whose lines are counted together.
type Group uint64

// The parts of a key.
const (
	groupBits = 1<<24 - 1          // that all keys of a group have in common, and the last two bits
	lineBits  = ^uint64(groupBits) // the line, or more of the group
	ofGroup   = 1                  // the bit of the key of a group itself
	ofShort   = 2                  // the bit of the key of a short line
	kindBits  = 2
)

// sourcePrefix begins the names of groups that are sources.
const sourcePrefix = "source:"

// AppendGroup appends the name of a document's group: the registered domain of the URL in its metadata, or else source:NAME.
func AppendGroup(dst, meta []byte, source string) []byte {
	n := len(dst)
	dst = web.AppendURL(dst, meta)
	host, _ := web.Cut(dst[n:])
	if len(host) == 0 {
		return append(append(dst[:n], sourcePrefix...), source...)
	}
	return append(dst[:n], web.Site(string(host))...)
}

// GroupOf is the group of a name.
func GroupOf(name []byte) Group { return Group(xxh3.Hash(name)) }

// Line is the key of a line in the group, of so many characters.
func (g Group) Line(line []byte, chars int) uint64 {
	key := xxh3.HashSeed(line, uint64(g))&lineBits | g.bits()
	if chars < LongChars {
		key |= ofShort
	}
	return key
}

// Key is the key of the group itself.
func (g Group) Key() uint64 { return uint64(g)&lineBits | g.bits() | ofGroup }

// bits are those that the keys of the group have in common.
func (g Group) bits() uint64 { return uint64(g) << kindBits & groupBits }

// IsGroup says whether a key is that of a group itself.
func IsGroup(key uint64) bool { return key&ofGroup != 0 }

// IsShort says whether a key is that of a short line.
func IsShort(key uint64) bool { return key&ofShort != 0 }

// Bucket is the part of a key that all keys of a group have in common, and those of one in some million other groups.
func Bucket(key uint64) uint32 { return uint32(key&groupBits) >> kindBits }

// Bounds of boilerplate.
const (
	// LeastDocuments is in how many documents of its group a line stands that is boilerplate, at least; lines in fewer are not told apart.
	LeastDocuments = 5
	// LeastGroup is how many documents a group has that has boilerplate, at least.
	LeastGroup = 20
	// shareOf is the part of the documents of a group, one in so many, that a line stands in that is boilerplate, at least; shortShareOf is that of a
	// short line, which documents have in common by chance or by their kind: a heading, a number.
	shareOf, shortShareOf = 100, 2
)

// Boilerplate says whether the line of a key, in so many documents of a group, is boilerplate.
func Boilerplate(key uint64, documents, ofGroup int64) bool {
	share := int64(shareOf)
	if IsShort(key) {
		share = shortShareOf
	}
	return documents >= LeastDocuments && ofGroup >= LeastGroup && documents >= (ofGroup+share-1)/share
}
