package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve plays AWS's service reference with the files of a folder, whose
// index.json may say URL for the server's address: serve site. The address is in
// the variable URL.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve folder")
	}
	dir := ts.MkAbs(args[0])
	files := http.FileServer(http.Dir(dir))
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			_, _ = w.Write([]byte(strings.ReplaceAll(ts.ReadFile(args[0]+"/index.json"), "URL", s.URL)))
			return
		}
		files.ServeHTTP(w, r)
	}))
	ts.Defer(s.Close)
	ts.Setenv("URL", s.URL)
}
