package site

import (
	"strconv"
	"strings"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// maxPicture is how large one picture may be, in bytes. The script checks it
// before it sends; Pics.Add holds every upload to it.
const maxPicture = 25 << 20

// standardOptions are used where a request doesn't say.
var standardOptions = cloudpic.Options{Preset: enhance.Auto, Strength: 15}

// parseOptions reads the fields preset and strength; an empty one means the
// standard.
func parseOptions(preset, strength string) (cloudpic.Options, error) {
	o := standardOptions
	if preset != "" {
		p, err := enhance.ParsePreset(preset)
		if err != nil {
			return o, errorOf(jobs.CodeInvalid, "The preset may be “auto” or “classic”.")
		}
		o.Preset = p
	}
	if strength = strings.TrimSpace(strength); strength != "" {
		n, err := strconv.Atoi(strength)
		if err != nil || n < 0 || n > enhance.MaxStrength {
			return o, errorOf(jobs.CodeInvalid, "The strength may be a whole number from 0 to %d.", enhance.MaxStrength)
		}
		o.Strength = n
	}
	return o, nil
}

func optionsForm(prefix string, o cloudpic.Options) templates.OptionsForm {
	return templates.OptionsForm{
		Prefix: prefix, Classic: o.Preset == enhance.Classic,
		Strength: strconv.Itoa(o.Strength), MaxStrength: strconv.Itoa(enhance.MaxStrength),
	}
}
