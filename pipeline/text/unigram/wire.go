package unigram

import (
	"encoding/binary"
	"math"
)

// message is one in the encoding of protocol buffers, as it is written.
type message []byte

func (m *message) number(number int, value int64) {
	*m = binary.AppendUvarint(*m, uint64(number)<<3)
	*m = binary.AppendUvarint(*m, uint64(value))
}

func (m *message) bool(number int, value bool) {
	n := int64(0)
	if value {
		n = 1
	}
	m.number(number, n)
}

func (m *message) float(number int, value float32) {
	*m = binary.AppendUvarint(*m, uint64(number)<<3|5)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(value))
}

func (m *message) text(number int, value string) {
	*m = binary.AppendUvarint(*m, uint64(number)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(value)))
	*m = append(*m, value...)
}
