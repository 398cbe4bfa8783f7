package speed

import "math"

// sizes are the sizes of all objects as JSON: log-normal, as deliveries of one
// trail over busy and quiet accounts are. They are quantiles, not draws, so that
// their sum is c.Bytes for any seed and few objects.
func sizes(c *Config) []int64 {
	mean := float64(c.Bytes) / float64(c.Objects)
	low, high := 0.0, 6.0
	for range 60 {
		mid := (low + high) / 2
		if meanOf(c.Objects, float64(c.Median), mid) < mean {
			low = mid
		} else {
			high = mid
		}
	}
	all := make([]int64, c.Objects)
	for i := range all {
		all[i] = int64(quantile(i, c.Objects, float64(c.Median), high))
	}
	newSource(c.Seed, 0, "sizes").Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// meanOf is the mean of n quantiles.
func meanOf(n int, median, sigma float64) float64 {
	sum := 0.0
	for i := range n {
		sum += quantile(i, n, median, sigma)
	}
	return sum / float64(n)
}

// quantile is the i-th of n evenly spaced quantiles of a log-normal distribution.
func quantile(i, n int, median, sigma float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(n)-1)
	return median * math.Exp(sigma*z)
}
