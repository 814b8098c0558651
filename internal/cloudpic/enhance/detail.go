package enhance

// clarity lifts a place from its surroundings.
func clarity(s *scene, p *plan) {
	amount := 0.35 * (1 - 0.5*step01(s.deviation, 60, 95))
	amount *= 1 - step01(crispness(s.near), 0.5, 0.65)
	p.local = newLocal(s.sketch.mean, amount)
}

// sharpen adds finest detail: the difference to four neighbours, less of it
// where it is no larger than noise. A soft picture is sharpened more and further than a
// crisp one, and one that its camera has sharpened already not at all.
func sharpen(s *scene, p *plan) {
	crisp := crispness(s.near)
	p.reach = 1
	if crisp < 0.45 {
		p.reach = 2
	}
	p.sharpness = 0.45 + 0.65*(1-step01(crisp, 0.35, 0.55))
	p.sharpness *= 1 - step01(crisp, 0.57, 0.67)
	p.sharpness *= 1 - step01(s.noise, 3, 8)
	p.core = 0.4 + s.noise
}
