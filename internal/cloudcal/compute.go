package cloudcal

import (
	"math/bits"
	"strconv"
	"strings"
)

// Summary is the answer to one list.
type Summary struct {
	Min, Max     int64
	Mean, Median Decimal
}

// Compute works out the four figures of a list, exactly: no sum overflows
// and nothing is rounded, over the whole range of int64.
func Compute(l List) Summary {
	s := l.Sorted()
	var total sum
	for _, n := range s {
		total.add(n)
	}
	var middle sum
	middle.add(s[Count/2-1])
	middle.add(s[Count/2])
	return Summary{
		Min:    s[0],
		Max:    s[Count-1],
		Mean:   total.over(Count),
		Median: middle.over(2),
	}
}

// sum is a signed 128-bit integer in two's complement.
type sum struct{ hi, lo uint64 }

func (s *sum) add(n int64) {
	lo, carry := bits.Add64(s.lo, uint64(n), 0)
	s.lo = lo
	s.hi, _ = bits.Add64(s.hi, uint64(n>>63), carry) // n>>63 extends the sign
}

// over divides by d, 2 or 20, whose hundredfold parts are whole: the result
// is exact in hundredths.
func (s sum) over(d uint64) Decimal {
	negative := int64(s.hi) < 0
	hi, lo := s.hi, s.lo
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	// |sum| <= 20 * 2^63, so hi < d and the quotient fits in 64 bits.
	whole, rest := bits.Div64(hi, lo, d)
	return Decimal{negative: negative && (whole != 0 || rest != 0), whole: whole, hundredths: uint8(rest * (100 / d))}
}

// Decimal is an exact decimal number with up to two places, between -2^63
// and 2^63.
type Decimal struct {
	negative   bool
	whole      uint64
	hundredths uint8 // 0 to 99
}

// String writes the number without trailing zeros: "12.35", "-0.5", "7".
func (d Decimal) String() string {
	b := make([]byte, 0, 24)
	if d.negative {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, d.whole, 10)
	switch {
	case d.hundredths == 0:
	case d.hundredths%10 == 0:
		b = append(b, '.', '0'+d.hundredths/10)
	default:
		b = append(b, '.', '0'+d.hundredths/10, '0'+d.hundredths%10)
	}
	return string(b)
}

// Float64 gives the nearest float, for drawing; the text is what is exact.
func (d Decimal) Float64() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// MarshalJSON writes the number as a JSON number with all its digits.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// ParseDecimal reads what String writes.
func ParseDecimal(text string) (Decimal, error) {
	digits, negative := strings.CutPrefix(text, "-")
	wholeText, places, dotted := strings.Cut(digits, ".")
	whole, err := strconv.ParseUint(wholeText, 10, 64)
	if err != nil {
		return Decimal{}, err
	}
	d := Decimal{negative: negative, whole: whole}
	if dotted {
		if len(places) == 1 {
			places += "0"
		}
		h, err := strconv.ParseUint(places, 10, 8)
		if err != nil {
			return Decimal{}, err
		}
		d.hundredths = uint8(h)
	}
	if d.String() != text {
		return Decimal{}, &strconv.NumError{Func: "ParseDecimal", Num: text, Err: strconv.ErrSyntax}
	}
	return d, nil
}
