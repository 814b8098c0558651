package enhance

import "golang.org/x/sys/cpu"

var haveAVX2 = cpu.X86.HasAVX2

// contrastBlocks is the loop of contrastRow for n blocks of 16 chroma samples
// and 32 pixels. The pointers are to the first sample; chroma is read from
// one before to one behind.
//
//go:noescape
func contrastBlocks(gains *contrastGains, luma, cb, cr, farCb, farCr *uint8, excessB, excessR *int16, n int)

// chromaBlocks is the loop of contrastPlane for n blocks of 16 samples.
//
//go:noescape
func chromaBlocks(gains *contrastGains, dst, from *uint8, excess *int16, weight, more *lanes, n int)

// sumBlocks is the sum of n blocks of 32 samples.
//
//go:noescape
func sumBlocks(samples *uint8, n int) uint32
