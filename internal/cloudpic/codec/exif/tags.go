package exif

// The tags that are kept. Artist and Copyright are among them because a
// photographer puts them there to be seen; a camera owner's name, which the
// camera writes unasked, is not. Identifiers (0xA420 ImageUniqueID, 0xA431
// BodySerialNumber, 0xA435 LensSerialNumber), 0xA430 CameraOwnerName, 0x927C
// MakerNote, 0x9286 UserComment, 0x013C HostComputer, the GPS and
// interoperability directories and everything unknown are left out. So are
// 0xA002 and 0xA003, the dimensions: the file itself has them.

// imageTags are kept of the main directory.
var imageTags = set(
	0x010E, // ImageDescription
	0x010F, // Make
	0x0110, // Model
	tagOrientation,
	0x011A, // XResolution
	0x011B, // YResolution
	0x0128, // ResolutionUnit
	0x0131, // Software
	0x0132, // DateTime
	0x013B, // Artist
	0x013E, // WhitePoint
	0x013F, // PrimaryChromaticities
	0x0211, // YCbCrCoefficients
	0x0213, // YCbCrPositioning
	0x0214, // ReferenceBlackWhite
	0x8298, // Copyright
)

// exifTags are kept of the EXIF directory.
var exifTags = set(
	0x829A, // ExposureTime
	0x829D, // FNumber
	0x8822, // ExposureProgram
	0x8827, // PhotographicSensitivity
	0x8830, // SensitivityType
	0x8831, // StandardOutputSensitivity
	0x8832, // RecommendedExposureIndex
	0x8833, // ISOSpeed
	0x9000, // ExifVersion
	0x9003, // DateTimeOriginal
	0x9004, // DateTimeDigitized
	0x9010, // OffsetTime
	0x9011, // OffsetTimeOriginal
	0x9012, // OffsetTimeDigitized
	0x9101, // ComponentsConfiguration
	0x9102, // CompressedBitsPerPixel
	0x9201, // ShutterSpeedValue
	0x9202, // ApertureValue
	0x9203, // BrightnessValue
	0x9204, // ExposureBiasValue
	0x9205, // MaxApertureValue
	0x9206, // SubjectDistance
	0x9207, // MeteringMode
	0x9208, // LightSource
	0x9209, // Flash
	0x920A, // FocalLength
	0x9214, // SubjectArea
	0x9290, // SubSecTime
	0x9291, // SubSecTimeOriginal
	0x9292, // SubSecTimeDigitized
	0xA000, // FlashpixVersion
	0xA001, // ColorSpace
	0xA20E, // FocalPlaneXResolution
	0xA20F, // FocalPlaneYResolution
	0xA210, // FocalPlaneResolutionUnit
	0xA215, // ExposureIndex
	0xA217, // SensingMethod
	0xA300, // FileSource
	0xA301, // SceneType
	0xA401, // CustomRendered
	0xA402, // ExposureMode
	0xA403, // WhiteBalance
	0xA404, // DigitalZoomRatio
	0xA405, // FocalLengthIn35mmFilm
	0xA406, // SceneCaptureType
	0xA407, // GainControl
	0xA408, // Contrast
	0xA409, // Saturation
	0xA40A, // Sharpness
	0xA40C, // SubjectDistanceRange
	0xA432, // LensSpecification
	0xA433, // LensMake
	0xA434, // LensModel
	0xA500, // Gamma
)

func set(tags ...uint16) map[uint16]bool {
	m := make(map[uint16]bool, len(tags))
	for _, t := range tags {
		m[t] = true
	}
	return m
}
