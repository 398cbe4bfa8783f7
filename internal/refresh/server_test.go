package refresh

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// server plays AWS's service reference. Its files are made here.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	files    map[string]string // path → content
	modified map[string]int64  // service → what the index says; absent: nothing
	host     string            // in the index's URLs; "" this server
	asked    map[string]int    // path → requests
	handle   func(w http.ResponseWriter, r *http.Request) bool
}

func newServer(t testing.TB) *server {
	s := &server{files: map[string]string{}, modified: map[string]int64{}, asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// set puts a service's file there, and a new time of change into the index.
func (s *server) set(service, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files["/v1/"+service+"/"+service+".json"] = content
	s.modified[service] = max(1_790_000_000, s.modified[service]+86_400)
}

func (s *server) index() string {
	var out []map[string]any
	host := s.host
	if host == "" {
		host = s.URL
	}
	for path := range s.files {
		service := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".json")
		entry := map[string]any{"service": service, "url": host + path}
		if m := s.modified[service]; m != 0 {
			entry["modified"] = m
		}
		out = append(out, entry)
	}
	b, _ := json.Marshal(out)
	return string(b)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	if s.handle != nil && s.handle(w, r) {
		return
	}
	content, ok := s.files[r.URL.Path]
	if r.URL.Path == "/" {
		content, ok = s.index(), true
	} else {
		tag := fmt.Sprintf(`"%d"`, len(content))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(content))
}

// requests counts what was asked for since the last call.
func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.asked {
		n += c
	}
	clear(s.asked)
	return n
}

func (s *server) options(t testing.TB) Options {
	return Options{Dir: t.TempDir(), URL: s.URL, Base: actions.Default(), Tries: 2}
}

// file is a service's file with the actions, each on one resource type.
func file(service string, names ...string) string {
	type object = map[string]any
	var list []object
	for _, n := range names {
		list = append(list, object{
			"Name": n, "ActionConditionKeys": []string{service + ":Colour"}, "Resources": []object{{"Name": "thing"}},
			"Annotations": object{"Properties": object{"IsList": false, "IsPermissionManagement": false, "IsTaggingOnly": false, "IsWrite": true}},
			"SupportedBy": object{"IAM Action Last Accessed": true, "IAM Access Analyzer Policy Generation": false},
		})
	}
	b, _ := json.Marshal(object{
		"Name": service, "Version": "v1.4", "Actions": list,
		"Resources":     []object{{"Name": "thing", "ARNFormats": []string{"arn:${Partition}:" + service + ":${Region}:${Account}:thing/${ThingId}"}}},
		"ConditionKeys": []object{{"Name": service + ":Colour", "Types": []string{"String"}}},
		"Operations": []object{{"Name": names[0], "AuthorizedActions": []object{{"Name": names[0], "Service": service}, {"Name": "Decrypt", "Service": "kms"}},
			"SDK": []object{{"Name": service, "Method": "x", "Package": "Boto3"}}}},
	})
	return string(b)
}
