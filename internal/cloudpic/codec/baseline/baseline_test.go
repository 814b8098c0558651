package baseline

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// TestForward compares the integer DCT with its definition (T.81 A.3.3).
func TestForward(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for range 200 {
		var pix [64]byte
		for i := range pix {
			pix[i] = byte(rng.UintN(256))
		}
		var b packed
		b.forward(pix[:], 8)
		for v := range 8 {
			for u := range 4 {
				low, high := halves(b[4*v+u])
				worst = max(worst, math.Abs(float64(low>>forwardShift)/8-frequency(&pix, 2*u, v)))
				worst = max(worst, math.Abs(float64(high>>forwardShift)/8-frequency(&pix, 2*u+1, v)))
			}
		}
	}
	if worst > 0.5 {
		t.Errorf("coefficients are off by up to %.3f", worst)
	}
}

// frequency is the definition of the DCT (T.81 A.3.3).
func frequency(pix *[64]byte, u, v int) float64 {
	sum := 0.0
	for y := range 8 {
		for x := range 8 {
			sum += (float64(pix[8*y+x]) - 128) * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
		}
	}
	norm := func(i int) float64 {
		if i == 0 {
			return math.Sqrt2 / 2
		}
		return 1
	}
	return sum / 4 * norm(u) * norm(v)
}

// TestQuantise tries every coefficient with every step.
func TestQuantise(t *testing.T) {
	for step := 1; step <= 255; step++ {
		var table [64]uint16
		for i := range table {
			table[i] = uint16(step)
		}
		d := newQuantiser(&table)
		for v := int32(0); v <= 1<<14; v += 64 {
			var b packed
			var natural [64]int
			for i := range natural {
				natural[i] = int(v) + i
				if i&1 == 1 {
					natural[i] = -natural[i]
				}
				// Any value of what the shift drops.
				scaled := int64(natural[i])<<forwardShift + int64(i*511)
				b[i>>1] += uint64(scaled) << (32 * (i & 1))
			}
			var got [64]int16
			mask := b.quantise(d, &got)
			for i, q := range got {
				c := natural[zigzag[i]]
				want := (max(c, -c) + step*4) / (step * 8)
				if c < 0 {
					want = -want
				}
				if int(q) != want || mask>>i&1 == 1 != (want != 0) {
					t.Fatalf("%d by %d: got %d, mask %d, want %d", c, step, q, mask>>i&1, want)
				}
			}
		}
	}
}

// TestBits compares with writing bit by bit.
func TestBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		w := bitWriter{free: 64}
		var want []byte
		bits := 0
		for range rng.IntN(60) {
			size := 1 + rng.UintN(26)
			v := rng.Uint64() >> (64 - size)
			if rng.IntN(2) == 0 {
				v = 1<<size - 1 // many 0xFF
			}
			w.put(v, size)
			for i := int(size) - 1; i >= 0; i-- {
				if bits%8 == 0 {
					want = append(want, 0)
				}
				want[bits/8] |= byte(v>>i&1) << (7 - bits%8)
				bits++
			}
		}
		if rest := bits % 8; rest > 0 {
			want[len(want)-1] |= 0xFF >> rest
		}
		w.flush()
		if want = bytes.ReplaceAll(want, []byte{0xFF}, []byte{0xFF, 0}); !bytes.Equal(w.out, want) {
			t.Fatalf("got % x, want % x", w.out, want)
		}
	}
}

// TestEncodeReadable: Go's decoder reads every size and subsampling, and the
// pixels are near what went in.
func TestEncodeReadable(t *testing.T) {
	for _, r := range []image.YCbCrSubsampleRatio{0, 1, 2, 3, 4, 5} {
		for w := 1; w < 40; w += 3 {
			for h := 1; h < 40; h += 7 {
				src := image.NewNRGBA(image.Rect(0, 0, w, h))
				for i := range src.Pix {
					src.Pix[i] = byte(90 + i/4%w + i/4/w)
				}
				ys, yr, cs, cr := Layout(w, h, r)
				planes := &image.YCbCr{Y: make([]byte, ys*yr), Cb: make([]byte, cs*cr), Cr: make([]byte, cs*cr), YStride: ys, CStride: cs, SubsampleRatio: r, Rect: src.Rect}
				file, err := EncodeRGB(planes, src, 95)
				if err != nil {
					t.Fatal(err)
				}
				img, err := jpeg.Decode(bytes.NewReader(file))
				if err != nil || img.Bounds() != src.Rect {
					t.Fatalf("%v %d × %d: %v", r, w, h, err)
				}
				red, _, _, _ := img.At(w-1, h-1).RGBA()
				if d := int(red>>8) - int(src.NRGBAAt(w-1, h-1).R); d < -4 || d > 4 {
					t.Errorf("%v %d × %d: the last pixel is off by %d", r, w, h, d)
				}
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	if _, err := Encode(&image.YCbCr{}, 90); err == nil {
		t.Error("an empty picture was written")
	}
	if _, err := Encode(image.NewYCbCr(image.Rect(0, 0, 9, 9), image.YCbCrSubsampleRatio420), 90); err == nil {
		t.Error("planes of half blocks were written")
	}
	if _, err := EncodeGray(image.NewGray(image.Rect(0, 0, 9, 9)), 90); err == nil {
		t.Error("a plane of half blocks was written")
	}
	if _, err := EncodeGray(&image.Gray{Rect: image.Rect(0, 0, 70000, 8), Stride: 70000, Pix: make([]byte, 560000)}, 90); err == nil {
		t.Error("a picture of 70,000 pixels across was written")
	}
}
