package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// models is what the SDK's API models tell: operation names by service prefix,
// event-source labels, and API Gateway's verbs and paths.
type models struct {
	operations map[string]map[string]bool // prefix → lower-case operation
	labels     map[string]map[string]bool // label → prefixes
	gateway    []string                   // "CreateApi\tPOST\t/apis"
}

// model is the part of api-2.json that we read.
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
	root, err := fetchSDK(cache)
	if err != nil {
		return nil, err
	}
	m := &models{operations: map[string]map[string]bool{}, labels: map[string]map[string]bool{}}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "api-2.json" {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(filepath.Dir(path)))
		return m.add(path, filepath.ToSlash(dir))
	})
	if err == nil && len(m.gateway) == 0 {
		err = errors.New("the SDK's models hold no API Gateway")
	}
	return m, err
}

// add takes one model in.
func (m *models) add(path, dir string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var api model
	if err := json.Unmarshal(data, &api); err != nil {
		return fmt.Errorf("%s: %w", path, err)
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
	}
	if dir == "apigateway" || dir == "apigatewayv2" {
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
