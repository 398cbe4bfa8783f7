package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// site is one place of the code with the fault that may be switched on there.
type site struct {
	id   int
	file string // base name
	line int
	what string // the fault, in words
	test bool   // reached by some test
}

// edit inserts text at an offset of a file. Of edits at one offset the one that closes
// comes first, then those that open wider things.
type edit struct {
	at, rank int
	text     string
}

// seeder collects the sites of one package. Every fault is compiled in, behind a switch by
// number, so that one build serves all of them.
type seeder struct {
	fset  *token.FileSet
	sites []site
	edits []edit // of the file in hand
	file  string
	fixed map[ast.Node]bool // statements in the head of another one, which cannot be left out
}

// seed reads the package in a folder and returns its files with switches for faults, by
// path, and the sites.
func seed(dir string) (map[string]string, []site, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	s := &seeder{fset: token.NewFileSet(), fixed: map[ast.Node]bool{}}
	out, name := map[string]string{}, ""
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		f, err := parser.ParseFile(s.fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		name, s.file, s.edits = f.Name.Name, filepath.Base(path), nil
		ast.Inspect(f, s.visit)
		if s.edits != nil {
			out[path] = apply(string(src), s.edits)
		}
	}
	out[filepath.Join(dir, "zz_faults.go")] = strings.Replace(switches, "package p", "package "+name, 1)
	return out, s.sites, nil
}

// apply makes edits of a text.
func apply(src string, edits []edit) string {
	sort.SliceStable(edits, func(i, j int) bool {
		if edits[i].at != edits[j].at {
			return edits[i].at < edits[j].at
		}
		return edits[i].rank < edits[j].rank
	})
	var b strings.Builder
	last := 0
	for _, e := range edits {
		b.WriteString(src[last:e.at])
		b.WriteString(e.text)
		last = e.at
	}
	b.WriteString(src[last:])
	return b.String()
}

// wrap puts texts around a node. Where several begin or end at one offset, the wider one
// is outside.
func (s *seeder) wrap(n ast.Node, before, after string) {
	from, to := s.fset.Position(n.Pos()).Offset, s.fset.Position(n.End()).Offset
	s.edits = append(s.edits, edit{from, 1<<20 - (to - from), before}, edit{to, to - from - 1<<20, after})
}

// add makes a site.
func (s *seeder) add(n ast.Node, what string) int {
	id := len(s.sites) + 1
	s.sites = append(s.sites, site{id: id, file: s.file, line: s.fset.Position(n.Pos()).Line, what: what})
	return id
}

func (s *seeder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR // constants and types have no room for switches
	case *ast.CommClause:
		s.fixed[n.Comm] = true
	case *ast.SwitchStmt:
		s.fixed[n.Init] = true
	case *ast.TypeSwitchStmt:
		s.fixed[n.Init], s.fixed[n.Assign] = true, true
	case *ast.IfStmt:
		s.fixed[n.Init] = true
		s.negate(n.Cond, "the condition is negated")
	case *ast.BinaryExpr:
		s.operator(n)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			s.drop(n, "the assignment is left out")
		}
	case *ast.IncDecStmt:
		s.drop(n, "the count is left out")
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && !isPanic(call) {
			s.drop(n, "the call is left out")
		}
	case *ast.BranchStmt:
		if n.Label == nil && n.Tok == token.CONTINUE {
			s.drop(n, "the continue is left out")
		}
	case *ast.ForStmt:
		// What counts a loop is left alone: a loop that never ends tells nothing.
		ast.Inspect(n.Body, s.visit)
		return false
	case *ast.CaseClause:
		for _, x := range n.List {
			if _, ok := x.(*ast.BinaryExpr); ok {
				s.negate(x, "the case is negated")
			}
		}
	case *ast.ReturnStmt:
		s.results(n)
	}
	return true
}

func isPanic(c *ast.CallExpr) bool {
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "panic"
}

// results negates what a return gives, where its text shows that it is a truth value.
func (s *seeder) results(n *ast.ReturnStmt) {
	for _, x := range n.Results {
		if id, ok := x.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
			s.negate(x, "returns the opposite of "+id.Name)
		}
	}
}

func (s *seeder) negate(x ast.Expr, what string) {
	s.wrap(x, fmt.Sprintf("zzFaultNot(%d, ", s.add(x, what)), ")")
}

func (s *seeder) drop(n ast.Stmt, what string) {
	if s.fixed[n] {
		return
	}
	s.wrap(n, fmt.Sprintf("if zzFaultKeep(%d) { ", s.add(n, what)), " }")
}

// operator changes && and ||, and moves the bound of a comparison by one.
func (s *seeder) operator(n *ast.BinaryExpr) {
	switch n.Op {
	case token.LAND, token.LOR:
		if !plain(n.Y) {
			return
		}
		id := s.add(n, fmt.Sprintf("the side after %s is left out", n.Op))
		neutral := "zzFaultSkip(%d) || "
		if n.Op == token.LOR {
			neutral = "zzFaultKeep(%d) && "
		}
		s.wrap(n.Y, "("+fmt.Sprintf(neutral, id), ")")
	case token.LSS, token.GTR, token.LEQ, token.GEQ:
		at, width := s.fset.Position(n.OpPos).Offset, int(n.End()-n.Pos())
		id := s.add(n, fmt.Sprintf("the bound of %s moves by one", n.Op))
		other := map[token.Token]string{token.LSS: "zzFaultLess", token.GTR: "zzFaultMore", token.LEQ: "zzFaultAtMost", token.GEQ: "zzFaultAtLeast"}[n.Op]
		s.edits = append(s.edits, edit{s.fset.Position(n.Pos()).Offset, 1<<20 - width, fmt.Sprintf("%s(%d, ", other, id)},
			edit{at, 0, ", /*"}, edit{at + len(n.Op.String()), 0, "*/ "},
			edit{s.fset.Position(n.End()).Offset, width - 1<<20, ")"})
	}
}

// plain reports whether an operand may be wrapped where it stands.
func plain(x ast.Expr) bool {
	_, fn := x.(*ast.FuncLit)
	return !fn
}

// switches are the functions behind the faults. FAULT is the number of the one that is on;
// FAULT_TRACE names a file that takes the numbers of those that are reached.
const switches = `package p

import (
	"cmp"
	"os"
	"strconv"
	"sync/atomic"
)

var zzFaultOn, zzFaultTrace = func() (int, *os.File) {
	n, _ := strconv.Atoi(os.Getenv("FAULT"))
	if path := os.Getenv("FAULT_TRACE"); path != "" {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		return n, f
	}
	return n, nil
}()

var zzFaultSeen [1 << 16]atomic.Bool

func zzFault(id int) bool {
	if zzFaultTrace != nil && !zzFaultSeen[id].Load() && !zzFaultSeen[id].Swap(true) {
		zzFaultTrace.WriteString(strconv.Itoa(id) + "\n")
	}
	return id == zzFaultOn
}

func zzFaultNot(id int, c bool) bool { return c != zzFault(id) }
func zzFaultKeep(id int) bool        { return !zzFault(id) }
func zzFaultSkip(id int) bool        { return zzFault(id) }

func zzFaultLess[T cmp.Ordered](id int, a, b T) bool    { return a < b || zzFault(id) && a == b }
func zzFaultMore[T cmp.Ordered](id int, a, b T) bool    { return a > b || zzFault(id) && a == b }
func zzFaultAtMost[T cmp.Ordered](id int, a, b T) bool  { return a < b || !zzFault(id) && a == b }
func zzFaultAtLeast[T cmp.Ordered](id int, a, b T) bool { return a > b || !zzFault(id) && a == b }
`
