package trail

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
)

// Glob is a source of the files that a pattern matches, and of the files below the
// folders that it matches.
type Glob struct {
	root     string   // the folder before the first element with a glob character
	pattern  []string // the elements below it
	explicit bool     // the pattern names an extension: its files are logs by order
}

// NewGlob returns the source of a pattern of path.Match elements, where the element
// "**" matches any number of folders. Object keys are relative to the last folder
// that has no glob character. A malformed pattern is an error.
func NewGlob(pattern string) (*Glob, error) {
	slashed := filepath.ToSlash(pattern)
	if _, err := path.Match(slashed, ""); err != nil {
		return nil, fmt.Errorf("glob %q: %w", pattern, err)
	}
	parts := strings.Split(path.Clean(slashed), "/")
	n := 0
	for n < len(parts)-1 && !hasMeta(parts[n]) {
		n++
	}
	root := strings.Join(parts[:n], "/")
	switch {
	case root == "" && strings.HasPrefix(slashed, "/"):
		root = "/"
	case root == "":
		root = "."
	}
	ext := path.Ext(parts[len(parts)-1])
	return &Glob{filepath.FromSlash(root), parts[n:], ext != "" && !hasMeta(ext)}, nil
}

// List implements Source. A pattern that matches nothing is an error.
func (g *Glob) List(ctx context.Context, fn func(Object) error) error {
	matched := false
	err := walk(ctx, g.root, g.mayLead, func(o Object) error {
		name := strings.Split(o.Key, "/")
		if !g.matches(name) {
			return nil
		}
		matched = true
		if o.Kind == KindOther && g.explicit && o.Size >= 0 && matchAll(g.pattern, name) {
			o.Kind = KindLog
		}
		return fn(o)
	})
	if err == nil && !matched {
		return fmt.Errorf("no file matches %q in %q", strings.Join(g.pattern, "/"), g.root)
	}
	return err
}

// Open implements Source.
func (g *Glob) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	if !g.matches(strings.Split(o.Key, "/")) {
		return nil, notListed(o.Key)
	}
	return openBelow(ctx, g.root, o.Key)
}

// matches tells whether the name, or a folder on the way to it, matches.
func (g *Glob) matches(name []string) bool {
	for n := len(name); n > 0; n-- {
		if matchAll(g.pattern, name[:n]) {
			return true
		}
	}
	return false
}

// mayLead tells whether a folder matches, lies below a match, or may hold one.
func (g *Glob) mayLead(key string) bool {
	name := strings.Split(key, "/")
	for i, p := range g.pattern {
		if p == "**" || i == len(name) {
			return true
		}
		if ok, _ := path.Match(p, name[i]); !ok {
			return false
		}
	}
	return true // deeper than the pattern: below a match
}

// matchAll matches elements by going through the pattern once with the set of name
// prefixes it reaches, so that many "**" cost no more than their product.
func matchAll(pattern, name []string) bool {
	reach := make([]bool, len(name)+1) // reach[i]: the pattern so far matches name[:i]
	reach[0] = true
	for _, p := range pattern {
		next := make([]bool, len(name)+1)
		for i := range reach {
			switch {
			case p == "**":
				next[i] = reach[i] || i > 0 && next[i-1]
			case reach[i] && i < len(name):
				next[i+1], _ = path.Match(p, name[i])
			}
		}
		reach = next
	}
	return reach[len(name)]
}
