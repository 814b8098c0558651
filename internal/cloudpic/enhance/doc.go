// Package enhance betters a picture in memory. It takes pixels and options
// and gives pixels and a report; it knows nothing of files, codecs, queues or
// pages, and does no I/O.
//
// Two presets are offered. Classic is the contrast of Pillow's
// ImageEnhance.Contrast. Auto is a recipe of small steps (recipe.go), laid out
// on a small proxy of the picture, whose strength is searched there so that a
// published quality index (index.go, docs/enhancement.md) rises by no more
// than was asked, and then carried out in one pass over the rows.
package enhance
