package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/actions/internal/factsfile"
)

const root = "../.."

func committed(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "data", name+".zst"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The committed tables file is what the tables make, and every row keeps its
// example.
func TestCommittedTables(t *testing.T) {
	text, err := makeTables(filepath.Join(root, "tables"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(factsfile.Pack(text), committed(t, "tables")) {
		t.Error("data/tables.zst is stale: run go generate ./pkg/actions")
	}
	catalog, err := actions.Open(committed(t, "facts"), factsfile.Pack(text), committed(t, "policies"))
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(catalog, filepath.Join(root, "tables")); err != nil {
		t.Error(err)
	}
}

// copyTables copies the tables and appends a row to one of them.
func copyTables(t *testing.T, table, row string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "tables"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, table+".txt")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, row+"\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGenerationRefusesBadRows(t *testing.T) {
	for name, tt := range map[string]struct{ table, row, want string }{
		"out of order":       {"labels", "aaa\ts3\tsar\t2026-01-01\t-", "out of order"},
		"unknown source":     {"labels", "zzz\ts3\tnowhere\t2026-01-01\t-", "citations"},
		"no date":            {"labels", "zzz\ts3\tsar\tsoon\t-", "date"},
		"columns":            {"labels", "zzz\ts3", "columns"},
		"no service":         {"labels", "zzz\tnope\tsar\t2026-01-01\tX => s3:X", "no service"},
		"no example":         {"labels", "zzz\ts3\tsar\t2026-01-01\t-", "needs an example"},
		"example fails":      {"labels", "zzz\ts3\tsar\t2026-01-01\tListBuckets => s3:GetObject", "want"},
		"negative example":   {"labels", "zzz\ts3\tsar\t2026-01-01\tListBuckets => !s3:ListAllMyBuckets", "want"},
		"no action":          {"events", "zzz\tX\t-\ts3:GetObjects\tsar\t2026-01-01\t-", "no action"},
		"spelling":           {"readonly", "xray:getgroup\ttrue\tsar\t2026-01-01\t-", "spelling"},
		"pattern":            {"visibility", "zzz:*\tunknown\t-\tsar\t2026-01-01\t-", "no action matches"},
		"management pattern": {"visibility", "xray:U*\tmanagement\t-\tsar\t2026-01-01\t-", "logged.txt"},
		"data event type":    {"visibility", "xray:U*\tdata-event\tTrace\tsar\t2026-01-01\t-", "data event type"},
		"no data event type": {"visibility", "xray:U*\tdata-event\t-\tsar\t2026-01-01\t-", "without its type"},
		"source extent":      {"sources", "zzz\tall\tX\tsar\t2026-01-01\t-", "extent"},
		"source without ops": {"sources", "xray\tonly\t-\tsar\t2026-01-01\t-", "extent"},
		"no source":          {"sources", "zzzzz\tonly\tX\tsar\t2026-01-01\t-", "unknown event source"},
		"no operation":       {"sources", "xray\tonly\tNoSuchThing\tsar\t2026-01-01\t-", "no action for the operation"},
		"not a visibility":   {"visibility", "xray:U*\tpresumed-management\t-\tsar\t2026-01-01\t-", "visibility"},
		"unknown operation":  {"logged", "zzz\tall\tNope\tsar\t2026-01-01\t-", "no service"},
		"extent":             {"logged", "zzz\tmost\t-\tsar\t2026-01-01\t-", "extent"},
		"not tracked":        {"tracked", "zzz\tNope\tsar\t2026-01-01\t-", "no service"},
		"outcome":            {"errors", "zzz\tmaybe\tsar\t2026-01-01\t-", "outcome"},
		"unknown type":       {"types", "s3:GetObject\tnope\tsar\t2026-01-01\t-", "resource type"},
		"listed action":      {"authorized", "zzz\tX\ts3:GetObject\tsar\t2026-01-01\t-", "no service"},
		"listed, unknown":    {"authorized", "xray\tPutTraceSegments\txray:Nope\tsar\t2026-01-01\t-", "no action"},
		"listed, no event":   {"authorized", "xray\tZap\txray:GetGroup\tsar\t2026-01-01\t-", "want"},
		"class contradicts":  {"notuse", "zzz\tX\tuse\tsar\t2026-01-01\t-", "class"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyTables(t, tt.table, tt.row)
			text, err := makeTables(dir)
			if err == nil {
				var catalog *actions.Catalog
				if catalog, err = actions.Open(committed(t, "facts"), factsfile.Pack(text), committed(t, "policies")); err == nil {
					err = verify(catalog, dir)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestCheckFloors(t *testing.T) {
	w := &factsWriter{
		models: &models{gateway: make([]string, minGateway)}, services: minServices, actions: minActions, types: minResourceTypes, keyTypes: minKeyTypes,
		dependents: minDependents, permissionOnly: minPermissionOnly, operations: minOperations,
	}
	if err := w.checkFloors(); err != nil {
		t.Error(err)
	}
	w.dependents--
	if err := w.checkFloors(); err == nil || !strings.Contains(err.Error(), "dependents") {
		t.Errorf("a fall below the floor gives %v", err)
	}
}

func TestFetchChecksTheHash(t *testing.T) {
	dir := t.TempDir()
	p := npmPackage{"@a/b", "1.0.0", strings.Repeat("0", 64)}
	if err := os.WriteFile(filepath.Join(dir, "a-b-1.0.0.tgz"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.fetch(dir); err == nil || !strings.Contains(err.Error(), "sha256") {
		t.Errorf("a wrong package gives %v", err)
	}
}

func TestWheelChecksTheHash(t *testing.T) {
	dir := t.TempDir()
	w := wheel{"a", "1.0.0", strings.Repeat("0", 64)}
	if err := os.WriteFile(filepath.Join(dir, "a-1.0.0-py3-none-any.whl"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.fetch(dir); err == nil || !strings.Contains(err.Error(), "sha256") {
		t.Errorf("a wrong wheel gives %v", err)
	}
}

// A model gives labels by endpoint and signing name, and operations under both.
func TestModelsAdd(t *testing.T) {
	m := &models{operations: map[string]map[string]bool{}, labels: map[string]map[string]bool{}}
	const api = `{"metadata": {"endpointPrefix": "api.x", "signingName": "y"}, "operations": {"GetIt": {}}}`
	if err := m.add(strings.NewReader(api), "dir", true); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"dir", "api.x", "x", "y"} {
		if !m.labels[label]["y"] || !m.labels[label]["api.x"] {
			t.Errorf("label %s: %v", label, m.labels[label])
		}
	}
	if !m.operations["y"]["getit"] || !m.operations["api.x"]["getit"] {
		t.Errorf("operations %v", m.operations)
	}
	if err := m.add(strings.NewReader("{"), "dir", true); err == nil {
		t.Error("half a model is taken")
	}
}

func TestAudit(t *testing.T) {
	catalog := actions.Default()
	if err := audit(catalog, nil); err != nil {
		t.Error(err)
	}
	if err := audit(catalog, []operation{{"s3", "GetObject"}}); err == nil || !strings.Contains(err.Error(), "floor") {
		t.Errorf("one operation gives %v", err)
	}
}

func TestLevelCode(t *testing.T) {
	for level, want := range map[string]string{"Read": "R", "Permissions management, Write": "P", "Tagging, Write": "T", "Tagging": "T", "List": "L"} {
		if got, err := levelCode(level); got != want || err != nil {
			t.Errorf("%q: %q %v", level, got, err)
		}
	}
	if _, err := levelCode("Other"); err == nil {
		t.Error("an unknown level has a code")
	}
}
