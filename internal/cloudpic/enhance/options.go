package enhance

import "fmt"

// Preset names a way of enhancing.
type Preset string

const (
	// Auto is the recipe of this package, held to Options.Strength by the
	// quality index.
	Auto Preset = "auto"
	// Classic is Pillow's ImageEnhance.Contrast.
	Classic Preset = "classic"
)

// MaxStrength is the largest Options.Strength, in per cent.
const MaxStrength = 30

// Options say how a picture is to be enhanced.
type Options struct {
	Preset Preset
	// Strength is 0 to MaxStrength. For Auto it is the most, in per cent,
	// that the quality index may rise. For Classic, s means the contrast
	// factor 1 + 0.8·s/30. Strength 0 leaves the picture as it is.
	Strength int
}

// ParsePreset gives the preset of that name.
func ParsePreset(name string) (Preset, error) {
	switch p := Preset(name); p {
	case Auto, Classic:
		return p, nil
	}
	return "", fmt.Errorf("preset %q: want %q or %q", name, Auto, Classic)
}

// Validate says what is wrong with the options, or nil.
func (o Options) Validate() error {
	if _, err := ParsePreset(string(o.Preset)); err != nil {
		return err
	}
	if o.Strength < 0 || o.Strength > MaxStrength {
		return fmt.Errorf("strength %d: want 0 to %d", o.Strength, MaxStrength)
	}
	return nil
}
