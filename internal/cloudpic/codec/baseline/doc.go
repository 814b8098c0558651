// Package baseline reads and writes baseline JPEG files and converts between
// planes and pixels, in plain Go, to the bit as libjpeg-turbo does it: the
// accurate integer DCT, the same rounding, the same Huffman tables. It is what a
// machine without that library uses, and what reads and writes the one
// subsampling (4:1:0) that the library's planar interface doesn't know.
//
// The decoder reads what is whole and according to the standard, fast, and
// leaves everything else to a patient one: progressive and CMYK files, samplings
// stated in an unusual way, and whatever is damaged.
//
// Source: ITU-T T.81; the arithmetic is that of the IJG's jidctint.c, jfdctint.c,
// jcdctmgr.c, jccolor.c, jcsample.c, jdcolor.c and jdsample.c.
package baseline
