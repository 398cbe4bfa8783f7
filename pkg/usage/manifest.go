package usage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// formatVersion is the version of the layout and columns of a dataset. A dataset
// of another version is refused.
const formatVersion = 2

const manifestFile = "dataset.json"

// manifest is the content of dataset.json: what the dataset consists of. It holds
// no time and no path outside of the dataset.
type manifest struct {
	Format int         `json:"format"`
	Facts  string      `json:"facts"` // version of the facts that made usage/
	Stats  Stats       `json:"stats"`
	Filter *Filter     `json:"filter,omitempty"`
	Files  []fileEntry `json:"files"`
}

// fileEntry is one file of a dataset.
type fileEntry struct {
	Path   string `json:"path"` // slash-separated, relative to the root
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (m *manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// readManifest reads root's dataset.json. What else is wrong with root is told by
// fs.ErrNotExist: there is no dataset.
func readManifest(root string) (*manifest, error) {
	data, err := os.ReadFile(filepath.Join(root, manifestFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s is not a dataset (it has no %s): %w", root, manifestFile, fs.ErrNotExist)
	case err != nil:
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%s is corrupt (%w); scan again", filepath.Join(root, manifestFile), err)
	}
	if m.Format != formatVersion {
		return nil, fmt.Errorf("%s has format %d and this version reads %d; scan again", root, m.Format, formatVersion)
	}
	if len(m.Files) == 0 { // even an empty dataset has files
		return nil, fmt.Errorf("%s is corrupt (it names no files); scan again", filepath.Join(root, manifestFile))
	}
	return &m, nil
}
