package enhance

// clarity lifts a place from its surroundings.
func clarity(s *scene, p *plan) {
	amount := 0.35 * (1 - step01(s.deviation, 60, 95)*0.5)
	p.local = newLocal(s.sketch.mean, amount)
}

// sharpen adds finest detail: the difference to the four neighbours, less
// what noise alone would give.
func sharpen(s *scene, p *plan) {
	p.sharpness = 0.5
	// The Laplacian of white noise has √20·σ, four times the difference.
	p.core = 0.6 + 2*s.noise
	if s.noise > 6 {
		p.sharpness = 0
	}
}
