package usage

// Table is the merged, sorted content of a dataset in memory. Calls and Usage
// are sorted by principal and then by the rest of their columns. A list of Args
// or Contexts may be shared with other tables and is not to be changed.
type Table struct {
	Calls      []Call
	Args       Arguments                // by ArgsID
	Contexts   map[string][]ContextPair // by ContextID
	Usage      []Row
	Trust      []Trust
	Deliveries []Delivery
	Digests    []DigestRow
	Listed     []ListedRow
	Chains     []ChainRow
	Coverage   []CoverageRow
	Unmapped   []UnmappedRow
	Objects    []ObjectRow
	Stats      Stats
	Filter     *Filter // nil: the scan was told to leave nothing out
	Facts      string  // version of the facts that made Usage
	Coarsened  int64   // principals' actions on a day with more resources than Usage names

	prints  []print // fingerprints of the events counted, for scans that go on
	missing Parts   // what ReadParts left out
}

// Parts selects what ReadParts loads.
type Parts uint

// The parts of a dataset.
const (
	PartCalls Parts = 1 << iota // with args and contexts
	PartUsage
	PartTrust
	PartDeliveries // with listed and chains
	PartCoverage   // with unmapped and digests
	PartObjects
	PartBroken // objects that could not be read in full, of PartObjects
	partIDs
	allParts = 1<<iota - 1
)

// sort puts all rows in the order they have on disk, which is that of Merge and
// Read.
func (t *Table) sort() {
	sortRows(t.Calls, compareCalls)
	sortRows(t.Usage, compareUsage)
	sortRows(t.Trust, compareTrust)
	sortRows(t.Deliveries, compareDeliveries)
	sortRows(t.Digests, compareDigests)
	sortRows(t.Listed, compareListed)
	sortRows(t.Chains, compareChains)
	sortRows(t.Coverage, compareCoverage)
	sortRows(t.Unmapped, compareUnmapped)
	sortRows(t.Objects, compareObjects)
	sortRows(t.prints, comparePrints)
}
