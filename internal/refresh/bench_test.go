package refresh

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// allServices puts as many files there as AWS has, of the same sizes: what the
// embedded facts know, and operations beside.
func (s *server) allServices(tb testing.TB) (size int) {
	tb.Helper()
	type object = map[string]any
	for _, prefix := range actions.Default().Services() {
		var list, types, ops []object
		seen := map[string]bool{}
		for _, name := range actions.Default().Expand(nil, prefix+":*") {
			f, _ := actions.Default().Lookup(name)
			short := name[len(prefix)+1:]
			a := object{"Name": short, "ActionConditionKeys": f.ConditionKeys, "SupportedBy": object{"IAM Action Last Accessed": false},
				"Annotations": object{"Properties": object{"IsList": f.Level == "List", "IsPermissionManagement": f.Level == "Permissions management", "IsTaggingOnly": f.Level == "Tagging", "IsWrite": f.Level == "Write"}}}
			var on []object
			for _, t := range f.ResourceTypes {
				on = append(on, object{"Name": t.Name})
				if !seen[t.Name] {
					seen[t.Name] = true
					types = append(types, object{"Name": t.Name, "ARNFormats": []string{t.ARN}})
				}
			}
			a["Resources"] = on
			list = append(list, a)
			ops = append(ops, object{"Name": short, "AuthorizedActions": []object{{"Name": short, "Service": prefix}, {"Name": "Decrypt", "Service": "kms"}},
				"SDK": []object{{"Name": prefix, "Method": short, "Package": "Boto3"}}})
		}
		b, err := json.MarshalIndent(object{"Name": prefix, "Version": "v1.4", "Actions": list, "Resources": types, "Operations": ops}, "", "  ")
		if err != nil {
			tb.Fatal(err)
		}
		s.set(prefix, string(b))
		size += len(b)
	}
	return size
}

// The whole reference merged into the facts that it was made of adds nothing but
// operations.
func TestUpdateOfEverything(t *testing.T) {
	s := newServer(t)
	size := s.allServices(t)
	o := s.options(t)
	r := updated(t, o)
	if !reflect.DeepEqual(r.Added, actions.Merged{}) || r.Services != len(actions.Default().Services()) || r.Bytes < int64(size) {
		t.Errorf("%+v", r)
	}
	if changes := actions.Compare(actions.Default(), opened(t, r.File)); len(changes) > 0 {
		t.Errorf("%d changes, first %+v", len(changes), changes[0])
	}
	if r := updated(t, o); r.Read != 0 {
		t.Errorf("%d files are read again", r.Read)
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := newServer(b)
	size := s.allServices(b)
	run := func(b *testing.B, o Options) {
		r, err := Update(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		info, _ := os.Stat(r.File)
		state, _ := os.Stat(stateFile(o.Dir))
		b.ReportMetric(float64(info.Size()), "facts-B")
		b.ReportMetric(float64(state.Size()), "state-B")
	}
	b.Run("first", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			o := s.options(b)
			o.Dir = b.TempDir()
			run(b, o)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		o := s.options(b)
		run(b, o)
		for b.Loop() {
			run(b, o)
		}
	})
}
