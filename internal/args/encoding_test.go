package args

import (
	"reflect"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for want, l := range map[string]List{
		"":              nil,
		`[["p.a","b"]]`: {{"p.a", "b"}},
		`[["a.SSEApplied","SSE_KMS"],["p.key",""],["p.key","k"]]`:  {{"a.SSEApplied", "SSE_KMS"}, {"p.key", ""}, {"p.key", "k"}},
		`[["p.\"\\/","a\u0000\u001f` + "\u007fé\u2028" + `<&\\"]]`: {{`p."\/`, "a\x00\x1f\u007fé\u2028<&\\"}},
	} {
		if got := string(l.AppendText(nil)); got != want {
			t.Errorf("%v: %s, want %s", l, got, want)
		}
		if want == "" {
			continue
		}
		got, err := Parse(List{{"first", ""}}, want)
		if err != nil || !reflect.DeepEqual(got[1:], l) || got[0].Path != "first" {
			t.Errorf("%s is read as %v, %v", want, got, err)
		}
	}
}

// notTexts are what AppendText does not make, though some of it is JSON.
var notTexts = []string{
	"", "[", "[]", "[[]]", "null", `{}`, `[["p.a"]]`, `[["p.a","b"]`, `[["p.a","b"]] `, ` [["p.a","b"]]`, `[["p.a", "b"]]`, `[["p.a","b"],]`,
	`[["p.a","b","c"]]`, `[["p.a",1]]`, `[["p.a","b"]["p.b","b"]]`, `[["p.b","b"],["p.a","b"]]`, `[["p.a","b"],["p.a","b"]]`, `[["p.a","c"],["p.a","b"]]`,
	`[["p.a","\n"]]`, `[["p.a","\/"]]`, `[["p.a","\u0041"]]`, `[["p.a","\u001F"]]`, `[["p.a","\u002f"]]`, `[["p.a","\ud83d\ude00"]]`, `[["p.a","\u00"]]`,
	"[[\"p.a\",\"\n\"]]", "[[\"p.a\",\"\xff\"]]", `[["p.a","\`, `[["p.a","\"`, `[["p.a","\u`, `[["p.a","\u000`, `[["p.a","`, `[["p.a`, `[["p.\u0061","b"]]`, `[["p.a","b"]]]`,
	strings.Repeat("[", 1<<20),
}

func TestParseRefuses(t *testing.T) {
	for _, text := range notTexts {
		if got, err := Parse(List{{"first", ""}}, text); err == nil || len(got) != 1 {
			t.Errorf("%.80q is read as %v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range notTexts[:len(notTexts)-1] {
		f.Add(text)
	}
	f.Add(`[["p.a","b"],["p.a","c\"\\\u0000"],["p.b",""]]`)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(nil, text)
		if err == nil && string(l.AppendText(nil)) != text {
			t.Errorf("%q is read as %q", text, l)
		}
		if !l.isCanonical() {
			t.Errorf("%q is read as %q", text, l)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := string(List{
		{"a.SSEApplied", "SSE_KMS"}, {"p.bucketName", "data-lake-111122223333"}, {"p.key", "raw/2024/02/26/part-0001.parquet"},
		{"s[].ARN", "arn:aws:s3:::data-lake-111122223333"}, {"s[].ARN", "arn:aws:s3:::data-lake-111122223333/raw/2024/02/26/part-0001.parquet"}, {"s[].accountId", "111122223333"},
	}.AppendText(nil))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var l List
	for b.Loop() {
		l, _ = Parse(l[:0], text)
	}
}
