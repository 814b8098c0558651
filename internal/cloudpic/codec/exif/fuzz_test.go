package exif

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzClean(f *testing.F) {
	for _, s := range structures() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Orientation(data)
		clean, report, err := Clean(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || clean != nil {
				t.Errorf("got %d bytes and %v", len(clean), err)
			}
			return
		}
		if len(clean) > maxClean || report.Orientation != o || Orientation(clean) != o {
			t.Errorf("%d bytes, orientation %d, %+v", len(clean), o, report)
		}
		again, second, err := Clean(clean)
		if err != nil || !bytes.Equal(again, clean) || second.GPS {
			t.Errorf("cleaned anew: %v\n% x\n% x", err, clean, again)
		}
		if Orientation(Upright(clean)) != 1 && o == 1 {
			t.Error("Upright turned it")
		}
	})
}
