package mixture

import (
	"bytes"
	"testing"
)

// What is read is written in the same way again, whatever it was.
func FuzzRead(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2, 1})
	f.Add([]byte{0xff, 0xff, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		if h := NewHistogram(1 << 20); h.Read(data) == nil {
			back := NewHistogram(1 << 20)
			if err := back.Read(h.Append(nil)); err != nil || !bytes.Equal(back.Append(nil), h.Append(nil)) {
				t.Error(err)
			}
		}
		var v, back Values
		if v.Read(data) == nil {
			if err := back.Read(v.Append(nil)); err != nil || !bytes.Equal(back.Append(nil), v.Append(nil)) {
				t.Error(err)
			}
			v.Quantiles(3).Borders()
		}
	})
}
