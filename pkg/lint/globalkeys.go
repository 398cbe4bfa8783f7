package lint

import (
	_ "embed" // the table
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

//go:embed globalkeys.txt
var globalKeyTable string

type globalKey struct {
	name string
	typ  actions.KeyType
}

// globalKeys reads the table of keys that the service authorization reference
// leaves out.
func globalKeys() []globalKey {
	var out []globalKey
	for line := range strings.Lines(globalKeyTable) {
		name, typ, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && name[0] != '#' {
			out = append(out, globalKey{name, actions.KeyType(strings.TrimPrefix(typ, "-"))})
		}
	}
	return out
}
