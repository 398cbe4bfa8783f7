package workload

import (
	"fmt"
	"math"
	"time"
)

// Config describes an archive. Everything in it shapes the bytes; nothing else does.
type Config struct {
	Seed uint64
	Last time.Time // the last day, UTC midnight
	Days int       // how many days, the last one included

	// Cells is the number of organizations side by side, three accounts each.
	// Memory grows with the traffic of one cell's day, so larger archives get
	// more cells.
	Cells int
	// Rate scales the events per day; 1 is the demo's traffic.
	Rate float64
	// Tenants is the number of tenants of the web application on the first day.
	Tenants int
	// Growth is the number of tenants that join each day.
	Growth float64
	// Parts is the number of files that the nightly job reads, before Rate.
	Parts float64

	// ObjectsPerDay splits the deliveries of an account, region and day.
	ObjectsPerDay int
	// Rich adds the fields that are long, random and useless for policies
	// (x-amz-id-2 and the like), so that archives compress as real ones do.
	Rich bool
	// Pairs notes every (action, resource) in the truth; without it only actions
	// are counted, which keeps memory bounded for large archives.
	Pairs bool
	// Broken adds objects that are damaged or hostile.
	Broken bool
}

// Demo is the archive that testdata/demo holds: 100 days of one organization.
func Demo() Config {
	return Config{
		Seed: 1, Last: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), Days: 100,
		Cells: 1, Rate: 1, Tenants: 12, Growth: 0.2, Parts: 4,
		ObjectsPerDay: 1, Pairs: true,
	}
}

// cellBytes is how much JSON one cell makes before the archive gets another.
const cellBytes = 500e6

// quietDayBytes is about what a day weighs that has its fixed jobs only: a small
// archive has fewer days instead of less than that.
const quietDayBytes = 60e3

// Big is an archive of about the given number of bytes of JSON, before
// compression; gzip makes it about nine times smaller.
func Big(seed uint64, bytes int64) Config {
	c := Demo()
	c.Seed, c.Rich, c.Pairs, c.ObjectsPerDay = seed, true, false, 4
	c.Cells = int(max(1, math.Round(float64(bytes)/cellBytes)))
	c.Days = int(min(100, max(7, float64(bytes)/quietDayBytes)))
	c.Tenants, c.Growth = 40, 1
	c.fit(bytes)
	return c
}

// fit sets Rate so that the archive comes to about the given bytes of JSON. It
// tries a week in the middle, which has the average growth, and corrects.
func (c *Config) fit(bytes int64) {
	want := float64(bytes) / float64(c.Cells) / float64(c.Days) * 7
	c.Rate = max(0.05, want/7/demoDayBytes)
	for range 3 {
		c.Rate = max(0.01, c.Rate*want/c.weekBytes())
	}
}

// demoDayBytes is about what one day of the demo weighs: where fit starts.
const demoDayBytes = 150e3

// weekBytes measures one week of one cell.
func (c *Config) weekBytes() float64 {
	w, total := newWorld(c, 0), 0
	first := max(0, c.Days/2-3)
	for i := range 7 {
		for _, r := range w.day(first + i) {
			total += len(r.json) + 1
		}
	}
	return float64(total)
}

// first is the first day.
func (c *Config) first() time.Time { return c.Last.AddDate(0, 0, 1-c.Days) }

// Validate reports the first value that makes no archive.
func (c *Config) Validate() error {
	switch {
	case c.Days < 1:
		return fmt.Errorf("%d days: give at least 1", c.Days)
	case c.Cells < 1:
		return fmt.Errorf("%d cells: give at least 1", c.Cells)
	case c.Rate <= 0 || math.IsNaN(c.Rate) || math.IsInf(c.Rate, 0):
		return fmt.Errorf("rate %v: give a positive number", c.Rate)
	case c.ObjectsPerDay < 1:
		return fmt.Errorf("%d objects a day: give at least 1", c.ObjectsPerDay)
	case c.Tenants < 1 || c.Growth < 0 || c.Parts < 0:
		return fmt.Errorf("tenants %d, growth %v, parts %v: give at least 1, 0, 0", c.Tenants, c.Growth, c.Parts)
	case c.Last.IsZero() || !c.Last.Equal(c.Last.Truncate(24*time.Hour)):
		return fmt.Errorf("last day %s: give a day at midnight UTC", c.Last)
	}
	return nil
}
