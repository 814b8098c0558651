#include "textflag.h"

// The fields of contrastGains, 32 bytes each, from AX.
#define LUMA 0(AX)
#define OFFSET 32(AX)
#define RED_CR 64(AX)
#define GREEN_CB 96(AX)
#define GREEN_CR 128(AX)
#define BLUE_CB 160(AX)
#define TOP 192(AX)
#define RED 224(AX)
#define GREEN 256(AX)
#define BLUE 288(AX)
#define WHITE 320(AX)
#define CHROMA 352(AX)
#define MIDDLE 384(AX)

// INTERPOLATE reads chroma at near and far and gives that of the 16 pixels in
// even columns and of the 16 in odd ones, times 256: interpolate in Go.
#define INTERPOLATE(near, far, even, odd) \
	VPMOVSXBW -1(near), even       \
	VPMOVSXBW (near), Y10          \
	VPMOVSXBW 1(near), odd         \
	VPMULLW   Y15, even, even      \
	VPMULLW   Y15, Y10, Y10        \
	VPMULLW   Y15, odd, odd        \
	VPMOVSXBW -1(far), Y11         \
	VPADDW    Y11, even, even      \
	VPMOVSXBW (far), Y11           \
	VPADDW    Y11, Y10, Y10        \
	VPMOVSXBW 1(far), Y11          \
	VPADDW    Y11, odd, odd        \
	VPMULLW   Y15, Y10, Y10        \
	VPADDW    Y10, even, even      \
	VPADDW    Y10, odd, odd        \
	VPSLLW    $4, even, even       \
	VPSLLW    $4, odd, odd

// EXCESS turns a channel into what clipping adds to it.
#define EXCESS(channel, temporary) \
	VPMINSW TOP, channel, temporary \
	VPMAXSW Y12, temporary, temporary \
	VPSUBW  channel, temporary, channel

// PIXELS turns the luma of 16 pixels, shifted left by 7, into that of the
// result, as words, and adds their excess to Y13 and Y14: contrastPixel in Go.
#define PIXELS(luma, cb, cr) \
	VPMULHRSW LUMA, luma, luma     \
	VPADDW    OFFSET, luma, luma   \
	VPMULHRSW RED_CR, cr, Y6       \
	VPMULHRSW GREEN_CB, cb, Y7     \
	VPMULHRSW GREEN_CR, cr, Y8     \
	VPMULHRSW BLUE_CB, cb, Y9      \
	VPADDW    Y8, Y7, Y7           \
	VPADDW    luma, Y6, Y6         \
	VPADDW    luma, Y7, Y7         \
	VPADDW    luma, Y9, Y9         \
	EXCESS(Y6, Y10)                \
	EXCESS(Y7, Y11)                \
	EXCESS(Y9, Y8)                 \
	VPMULHRSW RED, Y6, Y8          \
	VPMULHRSW GREEN, Y7, Y10       \
	VPMULHRSW BLUE, Y9, Y11        \
	VPADDW    Y10, Y8, Y8          \
	VPADDW    Y11, Y8, Y8          \
	VPSUBW    Y8, Y9, Y9           \
	VPSUBW    Y8, Y6, Y6           \
	VPSRAW    $2, Y9, Y9           \
	VPSRAW    $2, Y6, Y6           \
	VPADDW    Y9, Y13, Y13         \
	VPADDW    Y6, Y14, Y14         \
	VPADDW    Y8, luma, luma       \
	VPSRAW    $5, luma, luma       \
	VPMAXSW   Y12, luma, luma      \
	VPMINSW   WHITE, luma, luma

// func contrastBlocks(gains *contrastGains, luma, cb, cr, farCb, farCr *uint8, excessB, excessR *int16, n int)
TEXT ·contrastBlocks(SB), NOSPLIT, $0-72
	MOVQ  gains+0(FP), AX
	MOVQ  luma+8(FP), DI
	MOVQ  cb+16(FP), SI
	MOVQ  cr+24(FP), DX
	MOVQ  farCb+32(FP), R8
	MOVQ  farCr+40(FP), R9
	MOVQ  excessB+48(FP), R10
	MOVQ  excessR+56(FP), R11
	MOVQ  n+64(FP), CX
	VPXOR Y12, Y12, Y12
	VPCMPEQW Y15, Y15, Y15
	VPSUBW Y15, Y12, Y15
	VPADDW Y15, Y15, Y14
	VPADDW Y14, Y15, Y15

row:
	VMOVDQU (R10), Y13
	VMOVDQU (R11), Y14
	INTERPOLATE(SI, R8, Y0, Y1)
	INTERPOLATE(DX, R9, Y2, Y3)
	VMOVDQU (DI), Y5
	VPSLLW  $8, Y5, Y4
	VPSRLW  $1, Y4, Y4 // even pixels
	VPSRLW  $8, Y5, Y5
	VPSLLW  $7, Y5, Y5 // odd ones
	PIXELS(Y4, Y0, Y2)
	PIXELS(Y5, Y1, Y3)
	VPSLLW  $8, Y5, Y5
	VPOR    Y4, Y5, Y5
	VMOVDQU Y5, (DI)
	VMOVDQU Y13, (R10)
	VMOVDQU Y14, (R11)
	ADDQ    $32, DI
	ADDQ    $16, SI
	ADDQ    $16, DX
	ADDQ    $16, R8
	ADDQ    $16, R9
	ADDQ    $32, R10
	ADDQ    $32, R11
	DECQ    CX
	JNZ     row
	VZEROUPPER
	RET

// func chromaBlocks(gains *contrastGains, dst, from *uint8, excess *int16, weight, more *lanes, n int)
TEXT ·chromaBlocks(SB), NOSPLIT, $0-56
	MOVQ    gains+0(FP), AX
	MOVQ    dst+8(FP), DI
	MOVQ    from+16(FP), SI
	MOVQ    excess+24(FP), R10
	MOVQ    weight+32(FP), DX
	MOVQ    more+40(FP), R8
	MOVQ    n+48(FP), CX
	VMOVDQU (DX), Y4
	VMOVDQU (R8), Y5
	VPXOR   Y12, Y12, Y12

row:
	VPMOVSXBW (SI), Y0
	VMOVDQU   (R10), Y1
	VPSLLW    $7, Y0, Y0
	VPMULHRSW CHROMA, Y0, Y0
	VPADDW    MIDDLE, Y0, Y0
	VPMULHRSW Y4, Y1, Y2
	VPMULHRSW Y5, Y1, Y1
	VPADDW    Y2, Y1, Y1
	VPADDW    Y1, Y0, Y0
	VPSRAW    $5, Y0, Y0
	VPACKUSWB Y0, Y0, Y0
	VPERMQ    $0xD8, Y0, Y0
	VMOVDQU   X0, (DI)
	VMOVDQU   Y12, (R10)
	ADDQ      $16, DI
	ADDQ      $16, SI
	ADDQ      $32, R10
	DECQ      CX
	JNZ       row
	VZEROUPPER
	RET

// func sumBlocks(samples *uint8, n int) uint32
TEXT ·sumBlocks(SB), NOSPLIT, $0-20
	MOVQ  samples+0(FP), SI
	MOVQ  n+8(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1

block:
	VPSADBW (SI), Y0, Y2
	VPADDQ  Y2, Y1, Y1
	ADDQ    $32, SI
	DECQ    CX
	JNZ     block
	VEXTRACTI128 $1, Y1, X2
	VPADDQ  X2, X1, X1
	VPSRLDQ $8, X1, X2
	VPADDQ  X2, X1, X1
	VMOVD   X1, AX
	MOVL    AX, ret+16(FP)
	VZEROUPPER
	RET
