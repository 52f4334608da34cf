package spm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// field is one of a message in the encoding of protocol buffers: what a model has are numbers, floats and bytes.
type field struct {
	number int
	value  uint64 // of a number, or of the bits of a float
	bytes  []byte
}

var errWire = errors.New("no protocol buffer")

// fields calls f with each field of a message.
func fields(data []byte, f func(field) error) error {
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<29 {
			return errWire
		}
		data = data[n:]
		one := field{number: int(key >> 3)}
		switch key & 7 {
		case 0:
			if one.value, n = binary.Uvarint(data); n <= 0 {
				return errWire
			}
		case 1:
			if n = 8; len(data) < n {
				return errWire
			}
			one.value = binary.LittleEndian.Uint64(data)
		case 2:
			size, m := binary.Uvarint(data)
			if m <= 0 || size > uint64(len(data)-m) {
				return errWire
			}
			n = m + int(size)
			one.bytes = data[m:n]
		case 5:
			if n = 4; len(data) < n {
				return errWire
			}
			one.value = uint64(binary.LittleEndian.Uint32(data))
		default:
			return fmt.Errorf("%w: a field of kind %d", errWire, key&7)
		}
		data = data[n:]
		if err := f(one); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) float() float32 { return math.Float32frombits(uint32(f.value)) }
func (f *field) bool() bool     { return f.value != 0 }
