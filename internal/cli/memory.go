package cli

import (
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Memory that a scan needs whatever it reads: the program, the facts, and the buffers
// of decoders, of an object each.
const baseMemory = 128 << 20

// outside is memory that the collector does not count: the program itself, and stacks.
const outside = 48 << 20

// leastMemory is the least bound that a scan can keep.
const leastMemory = 256 << 20

// machineMemory is what this process may have, by its control group or the machine; 0
// where that cannot be told.
func machineMemory() int64 {
	total, err := memlimit.FromSystem()
	if err != nil {
		total = 0
	}
	if group, err := memlimit.FromCgroup(); err == nil && group > 0 && (total == 0 || group < total) {
		total = group
	}
	return int64(min(total, 1<<60))
}

// memoryPlan says what may take how much of the memory of a scan. Of what is left of
// it the collector needs its part.
type memoryPlan struct {
	total int64
	// rows is for what was read and not written; days for the days that are made; ahead
	// for objects that were fetched and not read.
	rows, days, ahead int64
}

func planMemory(total int64) memoryPlan {
	if total <= 0 {
		return memoryPlan{}
	}
	p := memoryPlan{total: total, ahead: min(total/8, 256<<20)}
	left := total - baseMemory - p.ahead
	p.rows, p.days = left*3/10, left*3/10
	return p
}

// apply tells the collector, and returns how to take that back. It runs more often
// than by default: rows hold few pointers, so that it costs little.
func (p memoryPlan) apply() (restore func()) {
	percent := debug.SetGCPercent(50)
	limit := debug.SetMemoryLimit(-1)
	if p.total > 0 {
		debug.SetMemoryLimit(min(limit, p.total-max(p.total/10, outside)))
	}
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
