package enhance

// monotone is the cubic through the points that never turns back between
// them: Fritsch, Carlson, Monotone piecewise cubic interpolation, SIAM J.
// Numer. Anal. 17, 1980, with the harmonic mean of Fritsch and Butland 1984
// as tangents. Points within 1 of the one before or of the last are dropped.
func monotone(x, y []float64) func(float64) float64 {
	xs, ys := x[:1:1], y[:1:1]
	last := len(x) - 1
	for i := 1; i < last; i++ {
		if x[i]-xs[len(xs)-1] >= 1 && x[last]-x[i] >= 1 {
			xs, ys = append(xs, x[i]), append(ys, y[i])
		}
	}
	xs, ys = append(xs, x[last]), append(ys, y[last])
	n := len(xs)
	slope := make([]float64, n-1)
	for i := range slope {
		slope[i] = (ys[i+1] - ys[i]) / (xs[i+1] - xs[i])
	}
	tangent := make([]float64, n)
	tangent[0], tangent[n-1] = slope[0], slope[n-2]
	for i := 1; i < n-1; i++ {
		if a, b := slope[i-1], slope[i]; a*b > 0 {
			tangent[i] = 2 * a * b / (a + b)
		}
	}
	return func(v float64) float64 {
		i := 0
		for i < n-2 && v > xs[i+1] {
			i++
		}
		h := xs[i+1] - xs[i]
		t := (v - xs[i]) / h
		return ys[i]*(1+2*t)*(1-t)*(1-t) + tangent[i]*h*t*(1-t)*(1-t) +
			ys[i+1]*t*t*(3-2*t) + tangent[i+1]*h*t*t*(t-1)
	}
}
