package enhance

// plan is what the recipe would do to a picture at full strength. Every part
// of it can be had at any strength from 0, where it changes nothing.
type plan struct {
	tone      curve     // luma to luma, for the whole picture
	local     *local    // what each place adds to tone
	castB     float64   // added to Cb in the mid-tones, levels
	castR     float64   // added to Cr
	vivid     []float32 // factor of chroma, by Cb·256 + Cr
	reach     int       // of the sharpening, in pixels
	sharpness float64   // share of the detail that is added
	core      float64   // detail below this is noise, levels
}

// recipe is the enhancement, in the order in which the steps build on one
// another.
var recipe = []func(*scene, *plan){
	levels,   // stretch between percentiles, with soft shoulders
	midtone,  // gamma that brings the middle nearer to mid-grey
	sigmoid,  // contrast in the middle, none at the ends
	balance,  // take away a colour cast, leave the light of the scene
	vibrance, // more colour where there is little, not on skin
	clarity,  // contrast between a place and its surroundings
	sharpen,  // finest detail above the noise
}

func newPlan(s *scene) *plan {
	p := &plan{tone: identity()}
	for _, step := range recipe {
		step(s, p)
	}
	return p
}

// gentler is the plan with a share of its tone curve.
func (p *plan) gentler(share float64) *plan {
	g := *p
	for v := range g.tone {
		g.tone[v] = float64(v) + share*(p.tone[v]-float64(v))
	}
	return &g
}
