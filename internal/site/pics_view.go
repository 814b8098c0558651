package site

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// growTime is how long a page offers to add pictures to a batch; CloudPic
// takes them for an hour.
const growTime = 50 * time.Minute

// picsView prepares the page of a batch.
func (s *Site) picsView(b cloudpic.Batch, w wait) templates.Pics {
	done := count(b, jobs.StateDone)
	v := templates.Pics{
		ID: b.ID, Heading: plural(len(b.Pictures), "picture"),
		Progress: progressOf(b), Delete: "/pics/" + b.ID + "/delete",
		Expires: stampOf(b.Expires), Kept: "All of it is deleted by",
	}
	if done > 0 {
		v.Zip = "/pics/" + b.ID + "/zip"
	}
	for _, p := range b.Pictures {
		v.Cards = append(v.Cards, s.card(b, p))
	}
	if !b.Final() {
		v.Poll.Every = pace(s.now().Sub(latest(b)))
		v.Poll.URL = s.pollURL(b, w)
		v.Progress.Wait = picsWaitText(b, w)
		if s.now().Sub(latest(b)) >= lateAge {
			v.Poll.Note = "This takes longer than it should. Your pictures are safe; you can close the page and come back to its address."
		}
	}
	if next := nextNumber(b); next <= cloudpic.MaxPictures && s.now().Sub(b.Created) < growTime {
		f := s.picsForm()
		f.Batch, f.First = b.ID, strconv.Itoa(next)
		v.Form = &f
	}
	return v
}

// picsWaitText says how long a batch waits. Turns are shared between visitors,
// so that it may be sooner, but there is no telling by how much.
func picsWaitText(b cloudpic.Batch, w wait) string {
	ready := "yours are ready"
	if len(b.Pictures) == 1 {
		ready = "it is ready"
	}
	text := w.text("picture", ready)
	if text != "" && w.Ahead > 0 {
		text += " Visitors take turns, so it may be sooner."
	}
	return text
}

// nextNumber is the first number above those taken.
func nextNumber(b cloudpic.Batch) int {
	next := 1
	for _, p := range b.Pictures {
		next = max(next, p.Number+1)
	}
	return next
}

func progressOf(b cloudpic.Batch) templates.Progress {
	done, all := count(b, jobs.StateDone), len(b.Pictures)
	finished := 0
	for _, p := range b.Pictures {
		if p.State.Final() {
			finished++
		}
	}
	g := templates.Progress{Done: strconv.Itoa(finished), All: strconv.Itoa(max(all, 1)), Final: b.Final()}
	switch {
	case !g.Final && all == 1:
		g.Text = begun(b) + ". It appears here when it's ready."
	case !g.Final && finished == 0:
		g.Text = begun(b) + ". Each appears here when it's ready."
	case !g.Final:
		g.Text = fmt.Sprintf("%d of %d finished.", finished, all)
	case done == all:
		g.Text = "All finished."
	case done == 0:
		g.Text = "None of them could be enhanced."
	default:
		g.Text = fmt.Sprintf("Finished: %d enhanced, %d refused.", done, all-done)
	}
	g.ZipLabel = "Download all as ZIP"
	if !g.Final || done < all {
		g.ZipLabel = fmt.Sprintf("Download %d as ZIP", done)
	}
	return g
}

// begun says whether a worker is known to have any picture of a batch in hand.
func begun(b cloudpic.Batch) string {
	if count(b, jobs.StateWorking) > 0 {
		return "Being enhanced"
	}
	return "Queued"
}

var stateLabels = map[jobs.State]string{
	jobs.StateQueued:  "Queued",
	jobs.StateWorking: "Being enhanced",
	jobs.StateDone:    "Done",
	jobs.StateFailed:  "Refused",
	jobs.StateDead:    "Given up",
}

// card prepares one picture.
func (s *Site) card(b cloudpic.Batch, p cloudpic.Picture) templates.Card {
	n := strconv.Itoa(p.Number)
	c := templates.Card{
		ID: "p" + n, Number: n, Name: p.Name, State: string(p.State), Label: stateLabels[p.State],
		Busy: !p.State.Final(), Error: p.Error,
		Options: optionsForm("p"+n+"-", orStandard(p.Options)),
	}
	c.Width, c.Height = stage(p.Original.Width, p.Original.Height)
	at := picturePath(b.ID, p.Number)
	if o := p.Original; o.Size > 0 && o.Size <= lightOriginal && o.ContentType != "image/gif" { // which may move
		c.Original = at + "/original"
	}
	if p.State.Final() && p.Original.Size > 0 {
		c.Again = at + "/again"
	}
	if p.Result == nil || p.State != jobs.StateDone {
		return c
	}
	res := *p.Result
	if res.Untouched {
		c.Label = "As it was"
	}
	version := "?v=" + strconv.Itoa(p.Attempt)
	width, height := stage(res.Width, res.Height)
	c.Compare = &templates.Compare{
		Before: at + "/before" + version, After: at + "/after" + version,
		FullBefore: at + "/original", FullAfter: at + "/enhanced" + version,
		Width: width, Height: height, Name: p.Name, Loading: "lazy",
	}
	if p.Number == b.Pictures[0].Number {
		c.Compare.Loading = "eager"
	}
	c.Download = &templates.Link{URL: at + "/enhanced", Text: "Download"}
	c.Gain, c.GainHow = gainWords(p.Options, res)
	c.Facts = facts(p.Original, res)
	c.Histogram = drawHistogram(res)
	return c
}

func orStandard(o cloudpic.Options) cloudpic.Options {
	if o.Preset == "" {
		return cloudpic.DefaultOptions()
	}
	return o
}

// lightOriginal is how many bytes an original may have to be shown while it
// waits. Others would cost more to send than all that comes after.
const lightOriginal = 1 << 20

// stageHeight is how high a picture may stand on a page, in CSS pixels; its
// previews have PreviewSize pixels on the longest side.
const stageHeight = 640

// stage fits a picture of so many pixels into the place it has on a page. One
// whose size isn't known is taken for a usual one.
func stage(width, height int) (string, string) {
	if width < 1 || height < 1 {
		width, height = 3*stageHeight/2, stageHeight
	}
	scale := min(1, float64(cloudpic.PreviewSize)/float64(width), stageHeight/float64(height))
	side := func(n int) string { return strconv.Itoa(max(1, int(math.Round(float64(n)*scale)))) }
	return side(width), side(height)
}

// gainWords tells what was gained, and what that means.
func gainWords(o cloudpic.Options, res cloudpic.Result) (gain, how string) {
	index := fmt.Sprintf("The quality index, 0 to 100, weighs contrast, tones, exposure, colour, detail and sharpness, less what is clipped. It compares versions of one picture. Here: %.1f → %.1f.", res.Before, res.After)
	switch {
	case res.Untouched:
		return "Left as it was", "Nothing that we know made this picture measurably better, so it is returned unchanged. " + index
	case res.Gain > 0:
		return fmt.Sprintf("%.1f %% better", res.Gain), index
	case res.Gain == 0:
		return "No change in the index", index
	default:
		return fmt.Sprintf("%.1f %% lower in the index", -res.Gain), "Classic applies the same contrast to every photo, whether it helps or not. " + index
	}
}

// facts are what a visitor may want to know of the two files.
func facts(before cloudpic.File, res cloudpic.Result) []templates.Fact {
	out := []templates.Fact{
		{Term: "Preset", Value: fmt.Sprintf("%s, strength %d", res.Options.Preset, res.Options.Strength)},
		{Term: "Pixels", Value: fmt.Sprintf("%d × %d", res.Width, res.Height)},
		{Term: "File before", Value: formatName(before.ContentType) + ", " + bytesText(before.Size)},
		{Term: "File after", Value: formatName(res.ContentType) + ", " + bytesText(res.Size)},
	}
	if res.GPSRemoved {
		out = append(out, templates.Fact{Term: "Place", Value: "GPS removed"})
	}
	return out
}

var formatNames = map[string]string{"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}

func formatName(contentType string) string {
	if name, ok := formatNames[contentType]; ok {
		return name
	}
	return "file"
}
