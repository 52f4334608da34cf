package parse

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"

	"github.com/millrace/millrace/pipeline/ingest"
)

// structured recognises files that have no fixed first bytes but a form that no text has; nil if head has none of these.
func structured(head []byte) *kind {
	switch {
	case isTFRecord(head):
		return binaryKind("TFRecord", adviceExport)
	case isPickle(head):
		return binaryKind("a Python pickle", adviceExport)
	case isSafetensors(head):
		return binaryKind("a safetensors model", adviceNoText)
	case isLZMA(head):
		return binaryKind("LZMA without a container (.lzma)", "repack it as .xz or .zst")
	case isDER(head):
		return binaryKind("a key or certificate (DER)", adviceNoText)
	case isArray(head, 8), isArray(head, 4):
		return binaryKind("an array of numbers, such as token ids", adviceTokens)
	}
	return nil
}

func binaryKind(name, advice string) *kind {
	return &kind{what: name + ": " + advice, reason: ingest.ReasonBinary}
}

// isTFRecord checks the sum over the length of the first record, masked as TensorFlow does.
func isTFRecord(head []byte) bool {
	const length, maskDelta = 8, 0xa282ead8
	if len(head) < length+4 || binary.LittleEndian.Uint64(head) > 1<<40 {
		return false
	}
	sum := crc32.Checksum(head[:length], crc32.MakeTable(crc32.Castagnoli))
	return binary.LittleEndian.Uint32(head[length:]) == bits.RotateLeft32(sum, 17)+maskDelta
}

// isPickle looks for the opcode of the protocol, and in the newer ones for the frame behind it.
func isPickle(head []byte) bool {
	if len(head) < 4 || head[0] != 0x80 || head[1] < 2 || head[1] > 5 {
		return false
	}
	return head[1] < 4 || head[2] == 0x95 || hasControls(head[2:min(len(head), 16)])
}

// isSafetensors looks for the length of the header and the header, a JSON object.
func isSafetensors(head []byte) bool {
	const length = 8
	if len(head) < length+2 || head[length] != '{' || head[length+1] != '"' && head[length+1] != '}' {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n < 1<<32
}

// isLZMA looks at the properties, the size of the dictionary, which is a power of two, and the size of the content.
func isLZMA(head []byte) bool {
	const header = 13
	if len(head) <= header || head[0] != 0x5d || head[header] != 0 {
		return false
	}
	dictionary := binary.LittleEndian.Uint32(head[1:])
	size := binary.LittleEndian.Uint64(head[5:])
	return dictionary >= 1<<12 && bits.OnesCount32(dictionary) <= 2 && (size < 1<<48 || size == 1<<64-1)
}

// isDER looks for a sequence of the file's own length with another or a small number at its start.
func isDER(head []byte) bool {
	if len(head) < 8 || head[0] != 0x30 || head[1] != 0x82 {
		return false
	}
	length := int(binary.BigEndian.Uint16(head[2:])) + 4
	return (head[4] == 0x30 || head[4] == 0x02) && head[5]&0xfc == head[5] && hasControls(head) || length == len(head)
}

// arrayShare is the share, in percent, of the high bytes of numbers that are zero in an array of small ones.
const arrayShare = 99

// isArray says whether head is an array of little-endian numbers of so many bytes that are all small: their high bytes are
// zero, and their low ones are not.
func isArray(head []byte, size int) bool {
	const least, most = 16, 4 << 10 // numbers, and bytes that are looked at
	if bytes.IndexByte(head[:min(len(head), least)], 0) < 0 {
		return false
	}
	head = head[:min(len(head), most)]
	n := len(head) / size
	if n < least {
		return false
	}
	zero := make([]int, size)
	for at := 0; at+size <= n*size; at += size {
		for k, c := range head[at : at+size] {
			if c == 0 {
				zero[k]++
			}
		}
	}
	for k := size / 2; k < size; k++ {
		if k == 2 && size == 4 { // vocabularies of more than 65 536 reach into it
			continue
		}
		if 100*zero[k] < arrayShare*n {
			return false
		}
	}
	return 2*zero[0] < n && 2*zero[size/2] >= n
}

// How many scripts are too many for a text: where UTF-16 is a guess, and where the file begins with its mark.
const (
	manyScripts = 5
	allScripts  = 12
)

// isMixture says whether what was decoded as UTF-16 has letters of so many scripts: an array of numbers of two bytes looks so, as
// token ids do.
func isMixture(head []byte, groups int) bool {
	const share = 50 // a fiftieth of all characters
	var seen [256]bool
	foreign, all, kinds := 0, 0, 0
	for _, r := range string(head[:min(len(head), HeadBytes)]) {
		all++
		g := scriptGroup(r)
		if g == 0 {
			continue
		}
		foreign++
		if !seen[g] {
			seen[g] = true
			kinds++
		}
	}
	return kinds >= groups && foreign*share > all
}

// scriptGroup puts the characters of scripts that hardly meet in one text in groups; 0 are Latin letters, symbols and all of
// Chinese and Japanese.
func scriptGroup(r rune) byte {
	switch page := r >> 8; {
	case page < 3, page >= 0x1e && page < 0xa0, page >= 0xf9:
		return 0
	case page >= 0xac && page < 0xd8:
		return 0xac // Hangul
	case page >= 0xe0 && page < 0xf9:
		return 0xe0 // private use
	case page >= 0xa0 && page < 0xa5:
		return 0xa0 // Yi
	default:
		return byte(page)
	}
}

// hasBOM says whether a file says itself that it is UTF-16.
func hasBOM(first []byte) bool {
	return bytes.HasPrefix(first, []byte("\xff\xfe")) || bytes.HasPrefix(first, []byte("\xfe\xff"))
}
