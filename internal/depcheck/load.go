package depcheck

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Import is one import declaration of one file.
type Import struct {
	Package string // of the importing file, relative to the module: "pkg/iam"
	File    string // the importing file's base name
	Path    string // what is imported; packages of the module relative to it
	Ours    bool   // Path is a package of the module
}

// Load reads the import declarations of every Go file below root that is part
// of a build on some platform. Tests are left out, since they may reach further
// than what they test, and so are programs marked `//go:build ignore`.
//
// Files are parsed rather than asked for with `go list`, so that a file of
// another operating system cannot hide an import.
func Load(root, module string) ([]Import, error) {
	var imports []Import
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && skipDir(root, path, d.Name()):
			return fs.SkipDir
		case d.IsDir() || !isSource(d.Name()):
			return nil
		}
		found, err := fileImports(root, module, path)
		imports = append(imports, found...)
		return err
	})
	return imports, err
}

func skipDir(root, path, name string) bool {
	if name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_' {
		return true
	}
	return isFile(filepath.Join(path, "go.mod")) && path != root // another module
}

func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
		name[0] != '.' && name[0] != '_'
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func fileImports(root, module, path string) ([]Import, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("read the imports: %w", err)
	}
	if ignored(file) {
		return nil, nil
	}
	dir, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	// A file that imports nothing still makes its package known.
	imports := []Import{{Package: filepath.ToSlash(dir), File: filepath.Base(path)}}
	for _, spec := range file.Imports {
		imp := imports[0]
		if imp.Path, err = strconv.Unquote(spec.Path.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if rest, ok := strings.CutPrefix(imp.Path, module+"/"); ok {
			imp.Path, imp.Ours = rest, true
		}
		imports = append(imports, imp)
	}
	return imports, nil
}

// ignored reports whether the file is a program run by name, never part of a package.
func ignored(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			return false
		}
		if slices.ContainsFunc(group.List, needsIgnore) {
			return true
		}
	}
	return false
}

func needsIgnore(c *ast.Comment) bool {
	if !constraint.IsGoBuild(c.Text) {
		return false
	}
	expr, err := constraint.Parse(c.Text)
	if err != nil {
		return false
	}
	// With every tag but "ignore" set the file is out, and with all of them in.
	all := func(string) bool { return true }
	without := func(tag string) bool { return tag != "ignore" }
	return expr.Eval(all) && !expr.Eval(without)
}
