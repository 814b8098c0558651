package site_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"sync"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
	"cloudworks/internal/site"
)

var _ site.Pics = (*fakePics)(nil)

// fakePics keeps batches in memory. Its "enhancement" brightens.
type fakePics struct {
	mu      sync.Mutex
	batches map[string]*cloudpic.Batch
	files   map[string][]byte
	owners  map[string]string
	delay   time.Duration
	err     error // of every call, when set
	sendErr error
	opened  int // bodies that are open now
	most    int // the most that were
}

func newPics() *fakePics {
	return &fakePics{batches: make(map[string]*cloudpic.Batch), files: make(map[string][]byte), owners: make(map[string]string)}
}

func (f *fakePics) Begin() string { return jobs.NewID(time.Now()) }

func (f *fakePics) Add(_ context.Context, batch string, n int, owner, name string, body io.Reader) (cloudpic.Picture, error) {
	content, err := io.ReadAll(io.LimitReader(body, 25<<20+1))
	if err != nil {
		return cloudpic.Picture{}, fmt.Errorf("spool upload: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.err != nil:
		return cloudpic.Picture{}, f.err
	case n < 1 || n > cloudpic.MaxPictures:
		return cloudpic.Picture{}, errors.New("the number was not checked")
	}
	b := f.batches[batch]
	if b == nil {
		began, _ := jobs.IDTime(batch)
		b = &cloudpic.Batch{ID: batch, Created: began, Expires: began.Add(24 * time.Hour)}
		f.batches[batch] = b
	}
	for _, p := range b.Pictures {
		if p.Number == n {
			return p, jobs.Errorf(jobs.CodeInvalid, "The batch has a picture number %d already.", n)
		}
	}
	p := cloudpic.Picture{Number: n, Name: name, State: jobs.StateQueued, Attempt: 1, Submitted: time.Now()}
	c, err := jpeg.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		p.State, p.Code, p.Error = jobs.StateFailed, jobs.CodeUnsupported, "This is not a picture that we know: JPEG, PNG, WebP and GIF are taken."
	} else {
		p.Original = cloudpic.File{ContentType: "image/jpeg", Size: int64(len(content)), Width: c.Width, Height: c.Height}
		f.files[key(batch, n, cloudpic.VariantOriginal)] = content
	}
	b.Pictures = append(b.Pictures, p)
	f.owners[batch] = owner
	return p, nil
}

func key(batch string, n int, v cloudpic.Variant) string { return fmt.Sprintf("%s/%d/%s", batch, n, v) }

func (f *fakePics) Send(_ context.Context, batch, _ string, numbers []int, o cloudpic.Options) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sendErr != nil {
		return f.sendErr
	}
	for _, n := range numbers {
		f.picture(batch, n).Options = o
	}
	return nil
}

// picture is called with the lock held.
func (f *fakePics) picture(batch string, n int) *cloudpic.Picture {
	b := f.batches[batch]
	if b == nil {
		return nil
	}
	for i := range b.Pictures {
		if b.Pictures[i].Number == n {
			return &b.Pictures[i]
		}
	}
	return nil
}

func (f *fakePics) Batch(_ context.Context, id string) (cloudpic.Batch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.batches[id]
	switch {
	case f.err != nil:
		return cloudpic.Batch{}, f.err
	case !ok:
		return cloudpic.Batch{}, gone
	}
	for i := range b.Pictures {
		if p := &b.Pictures[i]; f.delay >= 0 && time.Since(p.Submitted) >= f.delay {
			f.enhance(id, p)
		}
	}
	out := *b
	out.Pictures = append([]cloudpic.Picture(nil), b.Pictures...)
	return out, nil
}

// finish enhances one picture, whatever the delay.
func (f *fakePics) finish(batch string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enhance(batch, f.picture(batch, n))
}

// finishAll enhances a whole batch, restart has it wait again.
func (f *fakePics) finishAll(batch string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.batches[batch].Pictures {
		f.enhance(batch, &f.batches[batch].Pictures[i])
	}
}

func (f *fakePics) restart(batch string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.batches[batch].Pictures {
		p := &f.batches[batch].Pictures[i]
		p.State, p.Result = jobs.StateQueued, nil
	}
}

func (f *fakePics) enhance(batch string, p *cloudpic.Picture) {
	if p.State.Final() {
		return
	}
	original := f.files[key(batch, p.Number, cloudpic.VariantOriginal)]
	before, err := jpeg.Decode(bytes.NewReader(original))
	if err != nil {
		p.State, p.Error = jobs.StateFailed, "The picture breaks off in the middle."
		return
	}
	after, histograms := brighten(before)
	f.files[key(batch, p.Number, cloudpic.VariantEnhanced)] = after
	f.files[key(batch, p.Number, cloudpic.VariantBefore)] = original
	f.files[key(batch, p.Number, cloudpic.VariantAfter)] = after
	p.State, p.Answered = jobs.StateDone, time.Now()
	file := p.Original
	file.Size = int64(len(after))
	p.Result = &cloudpic.Result{
		File: file, Options: p.Options, Before: 61.2, After: 69.8, Gain: 14.1, GPSRemoved: p.Number == 1,
		HistogramBefore: histograms[0], HistogramAfter: histograms[1],
	}
}

func (f *fakePics) Wait(ctx context.Context, id string) (cloudpic.Batch, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		b, err := f.Batch(ctx, id)
		if err != nil || b.Final() {
			return b, err
		}
		select {
		case <-ctx.Done():
			return b, nil
		case <-tick.C:
		}
	}
}

func (f *fakePics) Again(_ context.Context, batch string, n int, _ string, o cloudpic.Options) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.picture(batch, n)
	if p == nil {
		return gone
	}
	p.State, p.Options, p.Result, p.Submitted = jobs.StateQueued, o, nil, time.Now()
	p.Attempt++
	return nil
}

func (f *fakePics) Delete(_ context.Context, batch string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batches[batch] == nil {
		return gone
	}
	delete(f.batches, batch)
	return nil
}

func (f *fakePics) Open(_ context.Context, batch string, n int, v cloudpic.Variant) (jobs.Object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, ok := f.files[key(batch, n, v)]
	if f.batches[batch] == nil || !ok {
		return jobs.Object{}, gone
	}
	f.opened++
	f.most = max(f.most, f.opened)
	return jobs.Object{
		Key: key(batch, n, v), Size: int64(len(content)), ContentType: "image/jpeg", ETag: fmt.Sprintf("%q", fmt.Sprint(len(content))),
		Body: &counted{bytes.NewReader(content), f},
	}, nil
}

// counted is a body that is missed when it isn't closed.
type counted struct {
	io.Reader
	pics *fakePics
}

func (c *counted) Close() error {
	c.pics.mu.Lock()
	defer c.pics.mu.Unlock()
	c.pics.opened--
	return nil
}

// brighten gives a brighter JPEG, and the histograms of both.
func brighten(img image.Image) ([]byte, [2][]uint8) {
	bounds := img.Bounds()
	out := image.NewRGBA(bounds)
	var counts [2][64]int
	up := func(v uint32) uint8 { return uint8(min(255, (v>>8)*13/10+6)) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			c := color.RGBA{up(r), up(g), up(b), 255}
			out.SetRGBA(x, y, c)
			counts[0][(r>>8+g>>8+b>>8)/3/4]++
			counts[1][(int(c.R)+int(c.G)+int(c.B))/3/4]++
		}
	}
	var file bytes.Buffer
	_ = jpeg.Encode(&file, out, nil)
	return file.Bytes(), scaled(counts)
}

func scaled(counts [2][64]int) (out [2][]uint8) {
	top := 1
	for _, side := range counts {
		for _, n := range side {
			top = max(top, n)
		}
	}
	for i, side := range counts {
		for _, n := range side {
			out[i] = append(out[i], uint8(n*255/top))
		}
	}
	return out
}

// photo makes a JPEG of that size with something to see on it.
func photo(width, height int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			sky := uint8(60 + 90*(height-y)/height)
			c := color.RGBA{sky / 2, sky, sky + 40, 255}
			if dx, dy := x-width*2/3, y-height/3; dx*dx+dy*dy < height*height/50 {
				c = color.RGBA{190, 150, 80, 255}
			}
			if y > height*2/3+(x*x/width-x)/6 {
				c = color.RGBA{40, uint8(60 + 40*x/width), 45, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return b.Bytes()
}
