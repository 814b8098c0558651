package site

import (
	"strconv"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/templates"
)

// maxPicture is how large one picture may be, in bytes. The script checks it
// before it sends; Pics.Add holds every upload to it.
const maxPicture = 25 << 20

// optionsForm prepares the choice of a preset and a strength.
func optionsForm(prefix string, o cloudpic.Options) templates.OptionsForm {
	return templates.OptionsForm{
		Prefix: prefix, Classic: o.Preset == enhance.Classic,
		Strength: strconv.Itoa(o.Strength), MaxStrength: strconv.Itoa(enhance.MaxStrength),
	}
}
