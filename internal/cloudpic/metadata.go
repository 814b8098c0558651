package cloudpic

import (
	"encoding/base64"
	"net/url"
	"strconv"

	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

// Metadata of stored objects. Names and values are plain ASCII, as S3 wants.

// originalMetadata describes an upload: its file name, and its size upright.
func originalMetadata(name string, f File) map[string]string {
	return map[string]string{
		"name":   url.QueryEscape(name),
		"width":  strconv.Itoa(f.Width),
		"height": strconv.Itoa(f.Height),
	}
}

func readOriginal(o jobs.Object) (name string, f File) {
	name, err := url.QueryUnescape(o.Metadata["name"])
	if err != nil || name == "" {
		name = "picture"
	}
	return name, readFile(o)
}

func readFile(o jobs.Object) File {
	return File{ContentType: o.ContentType, Size: o.Size, Width: integer(o.Metadata["width"]), Height: integer(o.Metadata["height"])}
}

// resultMetadata describes a result and what was measured on it.
func resultMetadata(r Result, attempt int) map[string]string {
	return map[string]string{
		"attempt":     strconv.Itoa(attempt),
		"preset":      string(r.Options.Preset),
		"strength":    strconv.Itoa(r.Options.Strength),
		"width":       strconv.Itoa(r.Width),
		"height":      strconv.Itoa(r.Height),
		"before":      float(r.Before),
		"after":       float(r.After),
		"gain":        float(r.Gain),
		"untouched":   strconv.FormatBool(r.Untouched),
		"gps-removed": strconv.FormatBool(r.GPSRemoved),
		"hist-before": base64.StdEncoding.EncodeToString(r.HistogramBefore),
		"hist-after":  base64.StdEncoding.EncodeToString(r.HistogramAfter),
	}
}

// readResult reads what resultMetadata wrote. What isn't there is zero.
func readResult(o jobs.Object) (r Result, attempt int) {
	m := o.Metadata
	r = Result{
		File:    readFile(o),
		Options: Options{Preset: enhance.Preset(m["preset"]), Strength: integer(m["strength"])},
		Before:  number(m["before"]), After: number(m["after"]), Gain: number(m["gain"]),
		Untouched: m["untouched"] == "true", GPSRemoved: m["gps-removed"] == "true",
	}
	r.HistogramBefore, _ = base64.StdEncoding.DecodeString(m["hist-before"])
	r.HistogramAfter, _ = base64.StdEncoding.DecodeString(m["hist-after"])
	return r, max(1, integer(m["attempt"]))
}

func float(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }

func number(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

func integer(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// failed is the object that says why a picture has no result.
type failed struct {
	Attempt int        `json:"attempt"`
	State   jobs.State `json:"state"`
	Code    jobs.Code  `json:"code"`
	Reason  string     `json:"reason"`
	// Name is the file's, for one that was refused at the door and so has no
	// original.
	Name string `json:"name,omitempty"`
}

// again is the object that says what was asked for last.
type again struct {
	Attempt  int            `json:"attempt"`
	Preset   enhance.Preset `json:"preset"`
	Strength int            `json:"strength"`
}
