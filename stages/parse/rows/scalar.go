package rows

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// kind says how a value without parts becomes JSON.
type kind uint8

const (
	kindText   kind = iota
	kindBase64      // bytes, which are no text
	kindNull
	kindBool
	kindInt
	kindUint
	kindFloat16
	kindFloat32
	kindFloat64
	kindDecimal
	kindDate // days since 1970
	kindTimestamp
	kindTime // of the day
	kindDuration
	kindMonths // int32
	kindUUID
	kindInt96        // nanoseconds of the day and Julian day, a timestamp
	kindParquetSpan  // months, days, milliseconds: uint32 each
	kindDayTimeSpan  // days, milliseconds: int32 each
	kindMonthDayNano // months, days: int32 each; nanoseconds: int64
)

// scalar is the type of such values, in both formats.
type scalar struct {
	kind  kind
	unit  int64 // of times: how many make a second
	utc   bool
	scale int32 // of decimals: digits behind the point
}

const (
	maxScale        = 1000
	maxDecimalBytes = 64
	maxSeconds      = 1 << 38 // about the year 10680: beyond, times are left numbers
	julianEpoch     = 2440588 // the Julian day of 1970-01-01
	secondsPerDay   = 86_400
)

// number appends a value that is held in 64 bits, extended with its sign where it has one.
func (o *object) number(s *scalar, v uint64) {
	n := int64(v)
	switch s.kind {
	case kindBool:
		o.buf = strconv.AppendBool(o.buf, v != 0)
	case kindUint:
		o.buf = strconv.AppendUint(o.buf, v, 10)
	case kindFloat16:
		o.buf = appendFloat(o.buf, half(uint16(v)), 32)
	case kindFloat32:
		o.buf = appendFloat(o.buf, float64(math.Float32frombits(uint32(v))), 32)
	case kindFloat64:
		o.buf = appendFloat(o.buf, math.Float64frombits(v), 64)
	case kindDecimal:
		var digits [20]byte
		o.decimal(strconv.AppendInt(digits[:0], n, 10), s.scale)
	case kindDate:
		if n < -maxSeconds/secondsPerDay || n > maxSeconds/secondsPerDay {
			o.buf = strconv.AppendInt(o.buf, n, 10)
			return
		}
		o.quoted(time.Unix(n*secondsPerDay, 0), time.DateOnly)
	case kindTimestamp:
		seconds, rest := floorDivide(n, s.unit)
		o.timestamp(seconds, rest*(1e9/s.unit), s.utc)
	case kindTime:
		if n < 0 || n/s.unit > secondsPerDay {
			o.buf = strconv.AppendInt(o.buf, n, 10)
			return
		}
		o.quoted(time.Unix(n/s.unit, n%s.unit*(1e9/s.unit)), "15:04:05.999999999")
	case kindDuration:
		o.span(0, 0, n, s.unit)
	case kindMonths:
		o.span(n, 0, 0, 1)
	default:
		o.buf = strconv.AppendInt(o.buf, n, 10)
	}
}

// bytes appends a value that is held in bytes: numbers in them are little-endian, but for decimals and UUIDs.
func (o *object) bytes(s *scalar, b []byte) error {
	want := 0
	switch s.kind {
	case kindDecimal:
		if len(b) == 0 || len(b) > maxDecimalBytes {
			return fmt.Errorf("a decimal of %d bytes", len(b))
		}
		o.decimal([]byte(signed(b).String()), s.scale)
		return nil
	case kindBase64:
		if o.room(int64(base64.StdEncoding.EncodedLen(len(b)))) {
			o.mark('"')
			o.buf = base64.StdEncoding.AppendEncode(o.buf, b)
			o.mark('"')
		}
		return nil
	case kindFloat16:
		want = 2
	case kindDayTimeSpan:
		want = 8
	case kindInt96, kindParquetSpan:
		want = 12
	case kindUUID, kindMonthDayNano:
		want = 16
	default:
		if o.room(int64(len(b))) {
			var broken int
			o.buf, broken = appendRepaired(o.buf, b)
			o.broken += broken
		}
		return nil
	}
	if len(b) != want {
		return fmt.Errorf("%d bytes where %d were expected", len(b), want)
	}
	le := binary.LittleEndian
	switch s.kind {
	case kindFloat16:
		o.buf = appendFloat(o.buf, half(le.Uint16(b)), 32)
	case kindInt96:
		seconds, nanoseconds := floorDivide(int64(le.Uint64(b)), 1e9)
		o.timestamp((int64(le.Uint32(b[8:]))-julianEpoch)*secondsPerDay+seconds, nanoseconds, false)
	case kindParquetSpan:
		o.span(int64(le.Uint32(b)), int64(le.Uint32(b[4:])), int64(le.Uint32(b[8:])), 1e3)
	case kindDayTimeSpan:
		o.span(0, int64(int32(le.Uint32(b))), int64(int32(le.Uint32(b[4:]))), 1e3)
	case kindMonthDayNano:
		o.span(int64(int32(le.Uint32(b))), int64(int32(le.Uint32(b[4:]))), int64(le.Uint64(b[8:])), 1e9)
	default:
		o.mark('"')
		for i, c := range b {
			if i == 4 || i == 6 || i == 8 || i == 10 {
				o.mark('-')
			}
			o.buf = append(o.buf, hexDigits[c>>4], hexDigits[c&15])
		}
		o.mark('"')
	}
	return nil
}

func (o *object) quoted(t time.Time, layout string) {
	o.mark('"')
	o.buf = t.UTC().AppendFormat(o.buf, layout)
	o.mark('"')
}

func (o *object) timestamp(seconds, nanoseconds int64, utc bool) {
	switch {
	case seconds < -maxSeconds || seconds > maxSeconds:
		o.buf = strconv.AppendInt(o.buf, seconds, 10)
	case utc:
		o.quoted(time.Unix(seconds, nanoseconds), "2006-01-02T15:04:05.999999999Z")
	default:
		o.quoted(time.Unix(seconds, nanoseconds), "2006-01-02T15:04:05.999999999")
	}
}

// span appends an ISO 8601 duration; unit is how many of n make a second.
func (o *object) span(months, days, n, unit int64) {
	o.buf = append(o.buf, '"', 'P')
	if months != 0 {
		o.buf = append(strconv.AppendInt(o.buf, months, 10), 'M')
	}
	if days != 0 {
		o.buf = append(strconv.AppendInt(o.buf, days, 10), 'D')
	}
	if n != 0 || months == 0 && days == 0 {
		o.mark('T')
		if n < 0 {
			o.mark('-')
		}
		whole, part := n/unit, n%unit
		o.buf = strconv.AppendUint(o.buf, magnitude(whole), 10)
		if part != 0 {
			digits := strconv.FormatUint(uint64(unit)+magnitude(part), 10) // a one, and the digits behind the point
			o.mark('.')
			o.buf = append(o.buf, strings.TrimRight(digits[1:], "0")...)
		}
		o.mark('S')
	}
	o.mark('"')
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// decimal appends digits, perhaps with a sign, with a point in front of the last scale of them.
func (o *object) decimal(digits []byte, scale int32) {
	o.mark('"')
	if digits[0] == '-' {
		o.mark('-')
		digits = digits[1:]
	}
	switch point := len(digits) - int(scale); {
	case scale <= 0:
		o.buf = append(o.buf, digits...)
		for range -scale {
			o.mark('0')
		}
	case point > 0:
		o.buf = append(o.buf, digits[:point]...)
		o.mark('.')
		o.buf = append(o.buf, digits[point:]...)
	default:
		o.buf = append(o.buf, '0', '.')
		for range -point {
			o.mark('0')
		}
		o.buf = append(o.buf, digits...)
	}
	o.mark('"')
}

func checkScale(scale int32) error {
	if scale < -maxScale || scale > maxScale {
		return errors.New("a decimal with a scale beyond reason")
	}
	return nil
}

// signed reads a big-endian number in two's complement.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return n
}

func floorDivide(n, by int64) (quotient, rest int64) {
	quotient, rest = n/by, n%by
	if rest < 0 {
		quotient, rest = quotient-1, rest+by
	}
	return quotient, rest
}

// half reads a float of 16 bits (IEEE 754, binary16).
func half(h uint16) float64 {
	sign, exponent, fraction := float64(1), int(h>>10&0x1F), float64(h&0x3FF)
	if h&0x8000 != 0 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	default:
		return sign * math.Ldexp(1+fraction/1024, exponent-15)
	}
}
