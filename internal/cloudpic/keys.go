package cloudpic

import (
	"fmt"
	"strconv"
	"strings"

	"cloudworks/internal/jobs"
)

// Objects of a batch. The number is the picture's.
//
//	uploads/<batch>/<n>/original   by web: the picture as uploaded
//	uploads/<batch>/<n>/again      by web: the latest request, when there was more than one
//	results/<batch>/<n>/enhanced   by the worker: the result, its measures as metadata
//	results/<batch>/<n>/before     by the worker: preview of the original
//	results/<batch>/<n>/after      by the worker: preview of the result
//	results/<batch>/<n>/failed     why there is no result; by web for a file refused at the door
const (
	uploads = "uploads/"
	results = "results/"
	// labResults holds the results for bare requests, which name any key.
	labResults = "results/lab/"

	originalName = "original"
	againName    = "again"
	failedName   = "failed"
)

func uploadKey(batch string, n int, name string) string {
	return fmt.Sprintf("%s%s/%d/%s", uploads, batch, n, name)
}

func resultKey(batch string, n int, name string) string {
	return fmt.Sprintf("%s%s/%d/%s", results, batch, n, name)
}

// variantKey gives the key of one of a picture's files.
func variantKey(batch string, n int, v Variant) (string, bool) {
	switch v {
	case VariantOriginal:
		return uploadKey(batch, n, originalName), true
	case VariantEnhanced, VariantBefore, VariantAfter:
		return resultKey(batch, n, string(v)), true
	}
	return "", false
}

// jobID names the job of one picture.
func jobID(batch string, n int) string { return batch + "." + strconv.Itoa(n) }

// splitJobID takes a job's id apart. It is false for any other text.
func splitJobID(id string) (batch string, n int, ok bool) {
	batch, number, _ := strings.Cut(id, ".")
	n, ok = parseNumber(number)
	return batch, n, ok && IsBatchID(batch)
}

// splitKey takes the key of one of a batch's objects apart.
func splitKey(key, prefix string) (batch string, n int, name string, ok bool) {
	rest, under := strings.CutPrefix(key, prefix)
	parts := strings.Split(rest, "/")
	if !under || len(parts) != 3 || !IsBatchID(parts[0]) {
		return "", 0, "", false
	}
	n, ok = parseNumber(parts[1])
	return parts[0], n, parts[2], ok
}

// parseNumber reads a picture's number as the keys have it.
func parseNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= MaxPictures && strconv.Itoa(n) == s
}

// IsBatchID reports whether id has the form of a batch's id.
func IsBatchID(id string) bool {
	_, ok := jobs.IDTime(id)
	return ok
}
