package sorted

import "encoding/binary"

// A filter says of most keys that a block has not got that it has not got them. It is a Bloom filter with the memory access
// of one word (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007), of 16 bits an entry: a key
// that the block has not got passes in 1 of 200 cases.
const (
	filterWords = 64
	filterBytes = 8*filterWords + 8 // with its checksum
)

var emptyFilter [filterBytes]byte

// filterBits says which bits of a filter stand for a key: four of one word. Keys are hashes, and those of a block differ in
// their low bits.
func filterBits(key uint64) (word int, bits uint64) {
	return int(key % filterWords), 1<<(key>>6%64) | 1<<(key>>12%64) | 1<<(key>>18%64) | 1<<(key>>24%64)
}

// addToFilter lets a key pass.
func addToFilter(filter []byte, key uint64) {
	word, bits := filterBits(key)
	w := filter[8*word:]
	binary.LittleEndian.PutUint64(w, binary.LittleEndian.Uint64(w)|bits)
}

// passes says whether a filter has all bits of a word.
func passes(filter []byte, word int, bits uint64) bool {
	return binary.LittleEndian.Uint64(filter[8*word:])&bits == bits
}
