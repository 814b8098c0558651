// Package codec is everything between a picture file's bytes and planes of
// pixels: it tells what a file is, refuses what CloudPic doesn't take, reads
// pixels and the metadata worth keeping, and writes the file anew. It knows
// nothing of enhancement, queues, storage or pages.
//
// ReadHeader decides by a file's first bytes and by its parsed header, never
// by a name, and never decodes pixels. Decode gives planes of pixels, Encode
// writes them back in the format they came in: a JPEG at the quality and
// subsampling it had, a PNG as PNG, a WebP as JPEG or, with transparency, as
// PNG, the first frame of a GIF as PNG.
//
// Orientation: a JPEG keeps its pixels as they lie and its EXIF tag; a viewer
// turns it. A PNG is turned when it is written, and loses the tag, because few
// viewers honour the tag there. Thumbnails are always upright.
//
// Metadata: the colour profile is kept where it fits the pixels written; EXIF
// is rewritten from a list of known harmless tags (see package exif); XMP,
// IPTC, comments and everything unknown are dropped.
//
// JPEG runs through libjpeg-turbo where the machine has it (package turbo),
// else through the codec of package baseline, with Go's image/jpeg for what that
// doesn't read. The two read the same planes from a sequential file and write the
// same file to the byte from the same planes, but for one thing: a progressive
// JPEG stays progressive only through libjpeg-turbo. Imaging shrinks
// what isn't made of planes, and only from pixels that were built here.
package codec
