package s3trail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// entry is an object, or a folder to be listed in its place.
type entry struct {
	object trail.Object
	node   *node
}

func (e *entry) key() string {
	if e.node != nil {
		return e.node.folder
	}
	return e.object.Key
}

// page is one answer of the server.
type page struct {
	objects []trail.Object
	folders []string
	more    bool
}

// query is one list that is under way.
type query struct {
	prefix, after string
	delimited     bool // keys below a further slash are joined into folders
	token         *string
}

// next asks for the next page.
func (s *Source) next(ctx context.Context, q *query) (*page, error) {
	in := &s3.ListObjectsV2Input{
		Bucket: &s.location.Bucket, Prefix: &q.prefix, ContinuationToken: q.token, RequestPayer: s.payer,
		// Keys may hold what XML cannot.
		EncodingType: types.EncodingTypeUrl,
	}
	if q.after != "" && q.token == nil {
		in.StartAfter = &q.after
	}
	if q.delimited {
		in.Delimiter = aws.String("/")
	}
	op := "list " + scheme + s.location.Bucket + "/" + q.prefix
	if err := s.login.lost(op); err != nil {
		return nil, err
	}
	out, err := s.client.ListObjectsV2(ctx, in, func(o *s3.Options) { o.HTTPClient = s.lists })
	if err != nil {
		return nil, s.login.failed(ctx, op, err)
	}
	p := &page{more: aws.ToBool(out.IsTruncated)}
	if p.more && (aws.ToString(out.NextContinuationToken) == "" || q.token != nil && *q.token == *out.NextContinuationToken) {
		return nil, fmt.Errorf("list %s%s/%s: the server says that there is more, and not where", scheme, s.location.Bucket, q.prefix)
	}
	q.token = out.NextContinuationToken
	return p, p.read(out, q.prefix)
}

var errStray = errors.New("the server lists keys that are not below the prefix it was asked for")

// read takes over what lies below the prefix.
func (p *page) read(out *s3.ListObjectsV2Output, prefix string) error {
	plain := out.EncodingType != types.EncodingTypeUrl
	p.objects = make([]trail.Object, 0, len(out.Contents))
	for i := range out.Contents {
		o := object(&out.Contents[i], plain)
		if !strings.HasPrefix(o.Key, prefix) {
			return errStray
		}
		p.objects = append(p.objects, o)
	}
	for i := range out.CommonPrefixes {
		folder := decode(aws.ToString(out.CommonPrefixes[i].Prefix), plain)
		if !strings.HasPrefix(folder, prefix) || len(folder) == len(prefix) {
			return errStray // a folder within itself would be listed for ever
		}
		p.folders = append(p.folders, folder)
	}
	return nil
}

func object(listed *types.Object, plain bool) trail.Object {
	o := trail.ParseKey(decode(aws.ToString(listed.Key), plain))
	o.Size = aws.ToInt64(listed.Size)
	o.ModTime = aws.ToTime(listed.LastModified).UTC()
	o.ETag = strings.Trim(aws.ToString(listed.ETag), `"`)
	return o
}

// decode undoes the encoding that was asked for, in which "+" is a blank.
func decode(key string, plain bool) string {
	if plain {
		return key
	}
	if decoded, err := url.QueryUnescape(key); err == nil {
		return decoded
	}
	return key
}

// entries are the objects and folders of a page in the order of their keys, as far as
// they are asked for.
func (l *lister) entries(p *page, child func(folder string) *entry) []entry {
	entries := make([]entry, 0, len(p.objects)+len(p.folders))
	for i := range p.objects {
		if l.source.scope.object(&p.objects[i]) {
			entries = append(entries, entry{object: p.objects[i]})
		}
	}
	if len(p.folders) == 0 {
		return entries // the server's order
	}
	for _, folder := range p.folders {
		if e := child(folder); e != nil {
			entries = append(entries, *e)
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.key(), b.key()) })
	return entries
}
