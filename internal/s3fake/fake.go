// Package s3fake is a small S3 server for tests, with faults that a test turns on.
package s3fake

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server serves one bucket in memory, with the bucket's name first in the path. It
// looks at no signature. Its fields may be set until it serves; its methods at any
// time.
type Server struct {
	Bucket   string
	Region   string // other regions are redirected; "": any
	PageSize int    // 0: 1,000
	Untagged bool   // objects have no tags, as files below some gateways
	// Fault, if set, is asked before each request is answered; what it returns replaces
	// the answer. n counts the requests for the same method, path and query.
	Fault func(r *http.Request, n int) http.HandlerFunc

	mu      sync.Mutex
	objects map[string][]byte
	asked   map[string]int
	lists   []url.Values
}

// Put stores an object.
func (s *Server) Put(key string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string][]byte{}
	}
	s.objects[key] = content
}

// Delete removes an object.
func (s *Server) Delete(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

// Lists returns the queries of the lists so far.
func (s *Server) Lists() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lists)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Fault != nil {
		if fault := s.Fault(r, s.count(r)); fault != nil {
			fault(w, r)
			return
		}
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	w.Header().Set("x-amz-bucket-region", s.Region)
	switch {
	case bucket != s.Bucket:
		Refuse(http.StatusNotFound, "NoSuchBucket")(w, r)
	case s.Region != "" && !strings.Contains(r.Header.Get("Authorization"), "/"+s.Region+"/s3/"):
		Refuse(http.StatusMovedPermanently, "PermanentRedirect")(w, r)
	case r.Method == http.MethodHead && key == "":
		w.WriteHeader(http.StatusOK)
	case key == "":
		s.list(w, r)
	default:
		s.get(w, r, key)
	}
}

func (s *Server) count(r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	id := r.Method + " " + r.URL.String()
	s.asked[id]++
	return s.asked[id]
}

// Refuse answers with an error.
func Refuse(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>refused for a test</Message><RequestId>%d</RequestId></Error>", code, time.Now().UnixNano())
		}
	}
}

// Reset cuts the connection before the answer.
func Reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Cut answers as the server does, and cuts the connection after n bytes of the body.
func (s *Server) Cut(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		s.get(&cutter{w, n}, r, key)
	}
}

// Short answers as the server does, with the first n bytes of the body as if they were
// all.
func (s *Server) Short(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		answer := httptest.NewRecorder()
		s.get(answer, r, key)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		body := answer.Body.Bytes()
		_, _ = w.Write(body[:min(n, len(body))])
	}
}

type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	n := min(c.left, len(b))
	_, _ = c.ResponseWriter.Write(b[:n])
	if c.left -= n; c.left == 0 {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, nil
}

// modified is when all objects were stored.
var modified = time.Date(2026, 3, 2, 4, 5, 6, 0, time.UTC)

func (s *Server) etag(content []byte) string {
	if s.Untagged {
		return ""
	}
	sum := md5.Sum(content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	content, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		Refuse(http.StatusNotFound, "NoSuchKey")(w, r)
		return
	}
	tag := s.etag(content)
	if want := r.Header.Get("If-Match"); want != "" && want != tag {
		Refuse(http.StatusPreconditionFailed, "PreconditionFailed")(w, r)
		return
	}
	status := http.StatusOK
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		n, _ := strconv.Atoi(strings.TrimSuffix(from, "-"))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", n, len(content)-1, len(content)))
		content, status = content[n:], http.StatusPartialContent
	}
	h := w.Header()
	if tag != "" {
		h.Set("ETag", tag)
	}
	h.Set("Last-Modified", modified.Format(http.TimeFormat))
	h.Set("Content-Encoding", "gzip") // as CloudTrail's objects have, and ours do not care
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(status)
	_, _ = w.Write(content)
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	EncodingType          string   `xml:",omitempty"`
	IsTruncated           bool
	NextContinuationToken string         `xml:",omitempty"`
	Contents              []listObject   `xml:",omitempty"`
	CommonPrefixes        []commonPrefix `xml:",omitempty"`
}

type listObject struct {
	Key, LastModified, ETag string
	Size                    int
}

type commonPrefix struct{ Prefix string }

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	s.lists = append(s.lists, q)
	after := q.Get("start-after")
	if token := q.Get("continuation-token"); token != "" {
		b, _ := hex.DecodeString(token)
		after = string(b)
	}
	size := s.PageSize
	if size == 0 {
		size = 1000
	}
	result := s.page(q.Get("prefix"), after, q.Get("delimiter"), size)
	if q.Get("encoding-type") == "url" {
		result.encode()
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(result)
}

func (r *listResult) encode() {
	r.EncodingType = "url"
	for i := range r.Contents {
		r.Contents[i].Key = url.QueryEscape(r.Contents[i].Key)
	}
	for i := range r.CommonPrefixes {
		r.CommonPrefixes[i].Prefix = url.QueryEscape(r.CommonPrefixes[i].Prefix)
	}
}

// page lists up to size keys and folders that come after a key, or after the whole of
// a folder.
func (s *Server) page(prefix, after, delimiter string, size int) *listResult {
	keys := make([]string, 0, len(s.objects))
	for key := range s.objects {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	result := &listResult{}
	last, n := "", 0
	for _, key := range keys {
		name := key
		rest, ok := strings.CutPrefix(key, prefix)
		folder := false
		if i := strings.Index(rest, delimiter); ok && delimiter != "" && i >= 0 {
			name, folder = prefix+rest[:i+1], true
		}
		if !ok || name == last || name <= after || folder && strings.HasPrefix(after, name) {
			continue
		}
		if n++; n > size {
			result.IsTruncated, result.NextContinuationToken = true, hex.EncodeToString([]byte(last))
			return result
		}
		last = name
		if folder {
			result.CommonPrefixes = append(result.CommonPrefixes, commonPrefix{name})
			continue
		}
		result.Contents = append(result.Contents, listObject{key, modified.Format(time.RFC3339), s.etag(s.objects[key]), len(s.objects[key])})
	}
	return result
}
