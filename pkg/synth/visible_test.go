package synth

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// sightOf asks one question about an account with full logs and the given selectors.
func sightOf(fact actions.Fact, selectors []*account.TrailSelectors, o Options, change func(*accountCoverage)) sight {
	t := &usage.Table{}
	for d := range int32(window) {
		for _, read := range []int8{1, 2} {
			for _, source := range []string{"ec2.amazonaws.com", "kms.amazonaws.com"} {
				t.Coverage = append(t.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Management", ReadOnly: read, EventSource: source, Day: firstDay + d, Records: 1})
			}
		}
		t.Coverage = append(t.Coverage, usage.CoverageRow{Account: acct, Region: "eu-west-1", Category: "Data", ReadOnly: 2, EventSource: "s3.amazonaws.com", Day: firstDay + d, Records: 1})
	}
	s := &account.Snapshot{Selectors: selectors}
	c := coverages(t, s)[acct]
	if change != nil {
		change(c)
	}
	if o.MinWindow == 0 {
		o.MinWindow = DefaultMinWindow
	}
	sub := &subject{p: &account.Principal{ARN: roleARN, Account: acct}, cov: c, window: c.window(0, firstDay+window)}
	return newViewer(&o, []*subject{sub}).see(&fact)
}

const trailARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"

func basic(readWrite string, management bool, exclude []string, data map[string][]string) []*account.TrailSelectors {
	return []*account.TrailSelectors{{TrailARN: trailARN, Basic: []account.BasicSelector{
		{ReadWrite: readWrite, Management: management, ExcludeManagementSources: exclude, Data: data}}}}
}

func advanced(fields ...account.FieldSelector) []*account.TrailSelectors {
	return []*account.TrailSelectors{{TrailARN: trailARN, Advanced: []account.AdvancedSelector{{Fields: fields}}}}
}

func equals(field string, values ...string) account.FieldSelector {
	return account.FieldSelector{Field: field, Equals: values}
}

func TestSight(t *testing.T) {
	write := actions.Fact{Name: "ec2:RunInstances", Visibility: actions.Management}
	read := actions.Fact{Name: "ec2:DescribeInstances", Visibility: actions.Management, ReadOnly: true}
	presumed := actions.Fact{Name: "ec2:RunInstances", Visibility: actions.PresumedManagement}
	decrypt := actions.Fact{Name: "kms:Decrypt", Visibility: actions.Management}
	object := actions.Fact{Name: "s3:GetObject", Visibility: actions.DataEvent, ReadOnly: true, DataType: "AWS::S3::Object"}
	put := actions.Fact{Name: "s3:PutObject", Visibility: actions.DataEvent, DataType: "AWS::S3::Object"}
	publish := actions.Fact{Name: "sns:Publish", Visibility: actions.DataEvent, DataType: "AWS::SNS::Topic", MoreTypes: []string{"AWS::SNS::PlatformEndpoint"}}
	invoke := actions.Fact{Name: "bedrock:InvokeModel", Visibility: actions.Management, MoreTypes: []string{"AWS::Bedrock::AsyncInvoke"}}
	async := map[string][]string{"AWS::Bedrock::AsyncInvoke": {"arn:aws:s3"}}
	topics, both := equals("resources.type", "AWS::SNS::Topic"), equals("resources.type", "AWS::SNS::Topic", "AWS::SNS::PlatformEndpoint")
	copied := object
	copied.BothWays = true
	management, data := equals("eventCategory", "Management"), equals("eventCategory", "Data")
	objects := equals("resources.type", "AWS::S3::Object")
	noKMS := account.FieldSelector{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com"}}
	tests := []struct {
		name      string
		fact      actions.Fact
		selectors []*account.TrailSelectors
		options   Options
		change    func(*accountCoverage)
		want      bool
	}{
		{"write, no selectors", write, nil, Options{}, nil, true},
		{"write, none ever seen", write, nil, Options{}, func(c *accountCoverage) { c.writes = false }, false},
		{"read, seen throughout", read, nil, Options{}, nil, true},
		{"read, none seen", read, nil, Options{}, func(c *accountCoverage) { c.reads = nil }, false},
		{"read, not seen for weeks", read, nil, Options{}, func(c *accountCoverage) {
			for d := range int32(20) {
				delete(c.reads, firstDay+30+d)
			}
		}, false},
		{"KMS, seen throughout", decrypt, nil, Options{}, nil, true},
		{"KMS, none seen", decrypt, nil, Options{}, func(c *accountCoverage) { c.sources["kms.amazonaws.com"] = nil }, false},
		{"presumed", presumed, nil, Options{}, nil, true},
		{"presumed, strict", presumed, nil, Options{Strict: true}, nil, false},
		{"window too short", write, nil, Options{MinWindow: 101}, nil, false},
		{"single-region trail", write, nil, Options{}, func(c *accountCoverage) { c.known = true }, false},
		{"unknown", actions.Fact{Name: "x:Y", Visibility: actions.VisibilityUnknown}, nil, Options{}, nil, false},
		{"never logged", actions.Fact{Name: "x:Y", Visibility: actions.NeverLogged}, nil, Options{}, nil, false},
		{"network activity", actions.Fact{Name: "x:Y", Visibility: actions.NetworkActivity}, nil, Options{}, nil, false},

		{"basic, all", write, basic("All", true, nil, nil), Options{}, nil, true},
		{"basic, write only: write", write, basic("WriteOnly", true, nil, nil), Options{}, nil, true},
		{"basic, write only: read", read, basic("WriteOnly", true, nil, nil), Options{}, nil, false},
		{"basic, read only: write", write, basic("ReadOnly", true, nil, nil), Options{}, nil, false},
		{"basic, no management", write, basic("All", false, nil, nil), Options{}, nil, false},
		{"basic, KMS excluded", decrypt, basic("All", true, []string{"kms.amazonaws.com"}, nil), Options{}, nil, false},
		{"basic, KMS excluded: others", write, basic("All", true, []string{"kms.amazonaws.com"}, nil), Options{}, nil, true},
		{"basic, all objects", object, basic("All", true, nil, map[string][]string{"AWS::S3::Object": {"arn:aws:s3"}}), Options{}, nil, true},
		{"basic, one bucket", object, basic("All", true, nil, map[string][]string{"AWS::S3::Object": {"arn:aws:s3:::b/"}}), Options{}, nil, false},
		{"basic, another type", object, basic("All", true, nil, map[string][]string{"AWS::Lambda::Function": {"arn:aws:lambda"}}), Options{}, nil, false},
		{"no selectors for data", object, nil, Options{}, nil, false},
		{"selectors, and no data event in the logs", object, advanced(data, objects), Options{}, func(c *accountCoverage) { c.data = nil }, false},
		{"both ways, reads selected", copied, advanced(data, objects, equals("readOnly", "true")), Options{}, nil, false},
		{"both ways, writes selected", copied, advanced(data, objects, equals("readOnly", "false")), Options{}, nil, false},
		{"both ways, both selected", copied, advanced(data, objects), Options{}, nil, true},
		{"a type not known", actions.Fact{Name: "x:Y", Visibility: actions.DataEvent}, advanced(data), Options{}, nil, false},
		{"two types, one selected", publish, advanced(data, topics), Options{}, nil, false},
		{"two types, both selected", publish, advanced(data, both), Options{}, nil, true},
		{"management and data, no selectors", invoke, nil, Options{}, nil, false},
		{"management and data, only the former selected", invoke, basic("All", true, nil, nil), Options{}, nil, false},
		{"management and data, only the latter selected", invoke, basic("All", false, nil, async), Options{}, nil, false},
		{"management and data, both selected", invoke, basic("All", true, nil, async), Options{}, nil, true},

		{"advanced, management", write, advanced(management), Options{}, nil, true},
		{"advanced, read only: write", write, advanced(management, equals("readOnly", "true")), Options{}, nil, false},
		{"advanced, without KMS", decrypt, advanced(management, noKMS), Options{}, nil, false},
		{"advanced, without KMS: others", write, advanced(management, noKMS), Options{}, nil, true},
		{"advanced, some event names only", write, advanced(management, equals("eventName", "RunInstances")), Options{}, nil, false},
		{"advanced, objects", object, advanced(data, objects), Options{}, nil, true},
		{"advanced, object writes: read", object, advanced(data, objects, equals("readOnly", "false")), Options{}, nil, false},
		{"advanced, object writes: write", put, advanced(data, objects, equals("readOnly", "false")), Options{}, nil, true},
		{"advanced, some buckets", object, advanced(data, objects, account.FieldSelector{Field: "resources.ARN", StartsWith: []string{"arn:aws:s3:::b/"}}), Options{}, nil, false},
		{"advanced, data only: management", write, advanced(data, objects), Options{}, nil, false},
		{"another account's trail", write, []*account.TrailSelectors{{TrailARN: strings.Replace(trailARN, acct, "444455556666", 1), Basic: []account.BasicSelector{{ReadWrite: "WriteOnly"}}}}, Options{}, nil, true},
		{"another account's selectors do not serve", object, []*account.TrailSelectors{{TrailARN: strings.Replace(trailARN, acct, "444455556666", 1), Advanced: advanced(data, objects)[0].Advanced}}, Options{}, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sightOf(tt.fact, tt.selectors, tt.options, tt.change); got.ok != tt.want {
				t.Errorf("visible %v (%s), want %v", got.ok, got.reason, tt.want)
			}
		})
	}
}

func TestSightNeedsEverybody(t *testing.T) {
	fact := actions.Fact{Name: "ec2:RunInstances", Visibility: actions.Management}
	full := &accountCoverage{days: map[int32]bool{}, regions: map[string]map[int32]bool{"a": nil, "b": nil}, writes: true}
	for d := range int32(window) {
		full.present(firstDay + d)
	}
	long := &subject{p: &account.Principal{Account: acct}, cov: full, window: full.window(0, firstDay+window)}
	young := &subject{p: &account.Principal{Account: acct}, cov: full, window: full.window(firstDay+50, firstDay+window)}
	o := &Options{MinWindow: DefaultMinWindow}
	if s := newViewer(o, []*subject{long}).see(&fact); !s.ok {
		t.Errorf("one: %s", s.reason)
	}
	for _, pair := range [][]*subject{{long, young}, {young, long}} {
		if s := newViewer(o, pair).see(&fact); s.ok {
			t.Error("a young principal among those attached was overlooked")
		}
	}
}

func TestMemoKeepsAnswersApart(t *testing.T) {
	c := &accountCoverage{days: map[int32]bool{}, regions: map[string]map[int32]bool{"a": nil}, writes: true, sources: map[string]map[int32]bool{}}
	for d := range int32(window) {
		c.present(firstDay + d)
	}
	v := newViewer(&Options{MinWindow: DefaultMinWindow}, []*subject{{p: &account.Principal{Account: acct}, cov: c, window: c.window(0, firstDay+window)}})
	for _, tt := range []struct {
		fact actions.Fact
		want bool
	}{
		{actions.Fact{Name: "ec2:RunInstances", Visibility: actions.Management}, true},
		{actions.Fact{Name: "kms:Encrypt", Visibility: actions.Management}, false},
		{actions.Fact{Name: "ec2:DescribeInstances", Visibility: actions.Management, ReadOnly: true}, false},
	} {
		if s := v.see(&tt.fact); s.ok != tt.want {
			t.Errorf("%s: %v (%s)", tt.fact.Name, s.ok, s.reason)
		}
	}
}
