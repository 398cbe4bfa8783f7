package main

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// models is what the API models tell: operation names by service prefix,
// event-source labels, and API Gateway's verbs and paths. Two sources are united:
// botocore's models are the newest, the Go SDK's (which ended in 2025) still have
// the services that were retired since.
type models struct {
	operations map[string]map[string]bool // prefix → lower-case operation
	labels     map[string]map[string]bool // label → prefixes
	gateway    []string                   // "CreateApi\tPOST\t/apis"
	newest     []operation                // of botocore's models
}

// operation is an operation as CloudTrail names it: the label of its event source
// and its name.
type operation struct{ label, name string }

// model is the part of a model file that we read; both sources have one form.
type model struct {
	Metadata struct{ EndpointPrefix, SigningName string }

	Operations map[string]struct {
		HTTP  struct{ Method, RequestURI string }
		Input struct{ Shape string }
	}
	Shapes map[string]struct {
		Members map[string]struct{ Location, LocationName string }
	}
}

func readModels(cache string) (*models, error) {
	m := &models{operations: map[string]map[string]bool{}, labels: map[string]map[string]bool{}}
	if err := m.readSDK(cache); err != nil {
		return nil, err
	}
	err := newestModels().read(cache, "botocore/data/", func(name string, r io.Reader) error {
		dir, file, _ := strings.Cut(name, "/")
		if !strings.HasSuffix(file, "/service-2.json.gz") {
			return nil
		}
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		return m.add(z, dir, true)
	})
	if err == nil && len(m.gateway) == 0 {
		err = errors.New("the newest models hold no API Gateway")
	}
	return m, err
}

// readSDK takes the Go SDK's models in.
func (m *models) readSDK(cache string) error {
	root, err := fetchSDK(cache)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "api-2.json" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		dir, _ := filepath.Rel(root, filepath.Dir(filepath.Dir(path)))
		if err := m.add(f, filepath.ToSlash(dir), false); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// add takes one model in: dir is the directory that the source keeps the service
// in. API Gateway's paths are taken from the newest source alone.
func (m *models) add(r io.Reader, dir string, newest bool) error {
	var api model
	if err := json.NewDecoder(r).Decode(&api); err != nil {
		return err
	}
	endpoint := strings.ToLower(api.Metadata.EndpointPrefix)
	prefix := cmp.Or(strings.ToLower(api.Metadata.SigningName), endpoint)
	for _, label := range []string{dir, endpoint, strings.TrimPrefix(endpoint, "api."), prefix} {
		put(m.labels, label, prefix)
		put(m.labels, label, endpoint)
	}
	for op := range api.Operations {
		put(m.operations, prefix, strings.ToLower(op))
		put(m.operations, endpoint, strings.ToLower(op))
		if newest {
			m.newest = append(m.newest, operation{endpoint, op})
		}
	}
	if newest && (dir == "apigateway" || dir == "apigatewayv2") {
		m.addGateway(&api)
	}
	return nil
}

var uriParam = regexp.MustCompile(`\{([^}+]+)\+?\}`)

// addGateway records verb and path; path parameters take the name that
// CloudTrail writes, which is the input member's.
func (m *models) addGateway(api *model) {
	for _, op := range slices.Sorted(maps.Keys(api.Operations)) {
		o := api.Operations[op]
		members := map[string]string{}
		for name, member := range api.Shapes[o.Input.Shape].Members {
			if member.Location == "uri" {
				members[member.LocationName] = strings.ToLower(name[:1]) + name[1:]
			}
		}
		uri, _, _ := strings.Cut(strings.TrimPrefix(o.HTTP.RequestURI, "/v2"), "?")
		uri = uriParam.ReplaceAllStringFunc(uri, func(v string) string {
			return "${" + members[strings.Trim(v, "{+}")] + "}"
		})
		m.gateway = append(m.gateway, op+"\t"+o.HTTP.Method+"\t"+uri)
	}
}

// put adds value to the set under key.
func put(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
