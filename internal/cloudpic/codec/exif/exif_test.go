package exif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// structures are sound and broken examples in both byte orders.
func structures() [][]byte {
	var out [][]byte
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		six := order.AppendUint16(nil, 6)
		main := []entry{
			{0x010F, 2, 5, []byte("Acme\x00")},
			{tagOrientation, 3, 1, six},
			{0x013C, 2, 6, []byte("Eve's\x00")},
			{tagGPSIFD, 4, 1, order.AppendUint32(nil, 8)},
		}
		details := []entry{
			{0x829A, 5, 1, order.AppendUint32(order.AppendUint32(nil, 1), 200)},
			{0x927C, 7, 10, []byte("maker note")},
			{0xA431, 2, 6, []byte("12345\x00")},
		}
		b, _ := write(order, main, details)
		out = append(out, b)
	}
	for o := 1; o <= 8; o++ {
		out = append(out, New(o))
	}
	return append(out, []byte("II*\x00\xff\xff\xff\xff"), []byte("MM\x00*\x00\x00\x00\x08\xff\xff"))
}

func TestClean(t *testing.T) {
	for _, s := range structures()[:2] {
		clean, report, err := Clean(s)
		if err != nil {
			t.Fatal(err)
		}
		if report != (Report{Orientation: 6, GPS: true}) {
			t.Errorf("report %+v", report)
		}
		for text, want := range map[string]bool{"Acme": true, "Eve": false, "maker": false, "12345": false} {
			if got := bytes.Contains(clean, []byte(text)); got != want {
				t.Errorf("%q kept: %v, want %v", text, got, want)
			}
		}
		if Orientation(clean) != 6 || Orientation(Upright(clean)) != 1 {
			t.Errorf("orientation %d, upright %d", Orientation(clean), Orientation(Upright(clean)))
		}
		r, at, _ := open(clean)
		entries, _ := r.directory(at)
		if len(entries) != 3 { // Make, Orientation, the EXIF directory
			t.Errorf("%d tags are kept", len(entries))
		}
	}
}

// TestCleanValues: the values in the details come through to the byte.
func TestCleanValues(t *testing.T) {
	for _, s := range structures()[:2] {
		clean, _, err := Clean(s)
		if err != nil {
			t.Fatal(err)
		}
		r, at, _ := open(clean)
		entries, _ := r.directory(at)
		offset, _ := r.number(entries[len(entries)-1])
		details, err := r.directory(offset)
		if err != nil || len(details) != 1 || details[0].tag != 0x829A || r.order.Uint32(details[0].value[4:]) != 200 {
			t.Errorf("details %+v, %v", details, err)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	tests := map[string]string{
		"nothing":               "",
		"no byte order":         "XX*\x00\x08\x00\x00\x00\x00\x00",
		"directory outside":     "II*\x00\xff\x00\x00\x00",
		"directory in header":   "II*\x00\x04\x00\x00\x00\x00\x00",
		"directory cut off":     "MM\x00*\x00\x00\x00\x08\x00\x02\x01\x12",
		"directory of too many": "MM\x00*\x00\x00\x00\x08\xff\xff",
	}
	for name, data := range tests {
		if clean, _, err := Clean([]byte(data)); !errors.Is(err, ErrMalformed) || clean != nil {
			t.Errorf("%s: got % x, %v", name, clean, err)
		}
		if o := Orientation([]byte(data)); o != 1 {
			t.Errorf("%s: orientation %d", name, o)
		}
	}
}

// TestCleanSkips: a tag whose value lies outside is left out, the rest stays.
func TestCleanSkips(t *testing.T) {
	s := bytes.Clone(structures()[0])
	binary.LittleEndian.PutUint32(s[8+2+8:], 0xFFFFFF) // where Make's value lies
	clean, report, err := Clean(s)
	if err != nil || report.Orientation != 6 || bytes.Contains(clean, []byte("Acme")) || Orientation(clean) != 6 {
		t.Errorf("got % x, %+v, %v", clean, report, err)
	}
}
