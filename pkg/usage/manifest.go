package usage

import (
	"encoding/json"
	"fmt"

	"github.com/tighten-iam/tighten/internal/store"
)

// formatVersion is the version of the layout and columns of a dataset. A dataset
// of another version is refused.
const formatVersion = 3

const manifestFile = "dataset.json"

// manifest is the content of dataset.json: what the dataset consists of. It holds
// no time and no path outside of the dataset.
type manifest struct {
	Format int     `json:"format"`
	Facts  string  `json:"facts"` // version of the facts that made usage/
	Stats  Stats   `json:"stats"`
	Filter *Filter `json:"filter,omitempty"`
	// Rules are those that told lanes, as the caller encodes them.
	Rules json.RawMessage `json:"rules,omitempty"`
	// MaxResources is how many resources usage/ names of one principal, action and day; 0: all.
	MaxResources int `json:"max_resources,omitempty"`
	// Days has what cannot be told from the files' names, by the day of the events.
	Days  map[string]dayTotals `json:"days"`
	Files []store.File         `json:"files"`
}

// dayTotals are the totals of one day.
type dayTotals struct {
	Events    int64 `json:"events"`              // that count
	Coarsened int64 `json:"coarsened,omitempty"` // principals' actions with too many resources
	Late      int64 `json:"late,omitempty"`      // as Stats.Late
	Closed    bool  `json:"closed,omitempty"`    // the fingerprints were dropped
}

func (m *manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// parseManifest reads dataset.json, which may come from anywhere.
func parseManifest(data []byte) (*manifest, error) {
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%s is corrupt (%w); scan again into another folder", manifestFile, err)
	}
	if m.Format != formatVersion {
		return nil, fmt.Errorf("the dataset has format %d and this version of tighten reads %d; scan again into another folder", m.Format, formatVersion)
	}
	if m.Days == nil {
		return nil, fmt.Errorf("%s is corrupt (it says nothing of days); scan again into another folder", manifestFile)
	}
	return &m, nil
}

// datasetFormat tells the store what a dataset looks like.
func datasetFormat() store.Format {
	f := store.Format{Manifest: manifestFile}
	for _, s := range sections() {
		f.Folders = append(f.Folders, s.dir)
	}
	f.Files = func(data []byte) ([]store.File, error) {
		m, err := parseManifest(data)
		if err != nil {
			return nil, err
		}
		return m.Files, nil
	}
	return f
}

// events sums up the events that count, and those of which that is not known.
func (m *manifest) events() (counted, late int64) {
	for _, d := range m.Days {
		counted += d.Events
		late += d.Late
	}
	return counted, late
}
