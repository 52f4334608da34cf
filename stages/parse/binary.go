package parse

import (
	"encoding/binary"
	"math/bits"

	"github.com/millrace/millrace/pipeline/text/block"
)

// maxControlShare is the share of control characters, NUL among them, above which a file is not text. Compressed data and
// programs have 11 % and more; damaged texts with a few NULs stay below.
const maxControlShare = 0.05

// controlGuessed is how many bytes must stand beside each control character of what is taken for UTF-16 only because nothing
// else fits it.
const controlGuessed = 200

// isControlled says whether there are more control characters in head, which is UTF-8 or damaged, than text has.
func isControlled(head []byte) bool {
	return float64(controls(head)) > maxControlShare*float64(len(head))
}

// highBits is the highest bit of each of eight bytes.
const highBits = 0x8080808080808080

// controls counts the control characters but white space, behind the vectors eight bytes at a time.
func controls(head []byte) (n int) {
	n, read := block.Controls(head)
	head = head[read:]
	for ; len(head) >= 8; head = head[8:] {
		v := binary.LittleEndian.Uint64(head)
		if v&highBits == highBits {
			continue
		}
		// A byte of ASCII with its highest bit set keeps that where no more is taken from it than it is.
		high := v | highBits
		text := (high-' '*lowBits)&^(high-0x7f*lowBits) | (high-'\t'*lowBits)&^(high-('\r'+1)*lowBits)
		n += bits.OnesCount64(^text &^ v & highBits)
	}
	for _, c := range head {
		if c < ' ' && (c < '\t' || c > '\r') || c == 0x7f {
			n++
		}
	}
	return n
}
