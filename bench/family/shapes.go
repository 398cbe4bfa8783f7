package family

import (
	"encoding/json"
	"fmt"
	"strings"
)

// shaping is one way to write a document that allows what a builder needs.
type shaping struct {
	name          string
	inline        bool // too large for a managed policy
	administrator bool
	text          func(*builder) string
}

const current = "2012-10-17"

// shapeList are the shapes.
func shapeList() []shaping {
	plain := func(name string, text func(*builder) string) shaping { return shaping{name: name, text: text} }
	return []shaping{
		plain("plain", func(b *builder) string {
			return text(current, []any{allow("Action", b.actions(), "Resource", b.resources())})
		}),
		plain("services on *", func(b *builder) string {
			return text(current, []any{allow("Action", b.services(), "Resource", "*")})
		}),
		plain("one statement, no list", func(b *builder) string {
			return text(current, allow("Action", b.services(), "Resource", "*", "Sid", "Only1"))
		}),
		plain("version 2008", func(b *builder) string {
			return text("2008-10-17", []any{allow("Action", b.services(), "Resource", append(b.resources(), "arn:aws:s3:::${aws:username}"))})
		}),
		plain("no version", func(b *builder) string { return text("", []any{allow("Action", b.actions(), "Resource", "*")}) }),
		plain("NotAction", func(b *builder) string {
			return text(current, []any{allow("NotAction", []string{"organizations:*", "account:*", "aws-portal:*"}, "Resource", "*")})
		}),
		plain("NotAction, one", func(b *builder) string {
			return text(current, allow("NotAction", "organizations:*", "Resource", b.resources()))
		}),
		plain("NotResource", func(b *builder) string {
			return text(current, []any{allow("Action", b.services(), "NotResource", []string{"arn:aws:s3:::example-secret*", "arn:aws:sqs:*:*:secret-*"})})
		}),
		plain("wildcards within words", func(b *builder) string {
			return text(current, []any{allow("Action", within(b.actions()), "Resource", "*")})
		}),
		plain("question marks and cases", func(b *builder) string {
			return text(current, []any{allow("Action", marked(b.actions()), "Resource", []string{"*"})})
		}),
		plain("conditions", conditioned),
		plain("unknown conditions", func(b *builder) string {
			return text(current, []any{
				allow("Action", b.actions(), "Resource", "*", "Condition", members{"StringEqualsIfExists": members{"aws:ResourceTag/team": []string{"a", "b"}}}),
				allow("Action", b.services(), "Resource", "*", "Condition", members{"BoolIfExists": members{"aws:ViaAWSService": "false"}})})
		}),
		plain("variables", func(b *builder) string {
			return text(current, []any{allow("Action", b.services(), "Resource", "*"),
				allow("Action", []string{"s3:GetObject", "s3:PutObject"}, "Resource", "arn:aws:s3:::example-home/${aws:PrincipalTag/team, 'none'}/*")})
		}),
		plain("denies", func(b *builder) string {
			return text(current, []any{allow("Action", b.services(), "Resource", "*"),
				members{"Effect": "Deny", "NotAction": append(b.services(), "iam:Get*"), "Resource": "*", "Sid": "Fence"},
				members{"Effect": "Deny", "Action": "*", "NotResource": "*", "Sid": "Nothing"},
				members{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::example-vault/*", "Condition": members{"Bool": members{"aws:SecureTransport": "false"}}}})
		}),
		plain("overlaps", func(b *builder) string {
			var l []any
			for i, u := range b.needs {
				l = append(l, allow("Sid", fmt.Sprintf("S%d", i), "Action", u.Action, "Resource", u.Resource), allow("Action", []string{u.Action, u.Action}, "Resource", "*"))
			}
			return text(current, append(l, allow("Action", b.services(), "Resource", []string{"*", "arn:aws:s3:::*"})))
		}),
		plain("everything by colon", func(b *builder) string { return text(current, []any{allow("Action", "*:*", "Resource", "*")}) }),
		plain("wild ARNs", func(b *builder) string {
			return text(current, []any{allow("Action", b.services(), "Resource", []string{"arn:*", "*"}),
				allow("Action", b.actions(), "Resource", []string{"arn:aws:*:*:{account}:*", "arn:*:s3:::*/*", "arn:aws:*:eu-*-?:*:*"})})
		}),
		plain("formatted by hand", handmade),
		plain("near the quota", func(b *builder) string { return long(b, 5900) }),
		{name: "inline near its quota", inline: true, text: func(b *builder) string { return long(b, 10000) }},
		{name: "administrator", administrator: true},
	}
}

// within replaces the middle of each action by a wildcard.
func within(actions []string) []string {
	var l []string
	for _, a := range actions {
		service, name, _ := strings.Cut(a, ":")
		if n := len(name); n > 6 {
			name = name[:3] + "*" + name[n-2:]
		}
		l = append(l, service+":"+name)
	}
	return unique(l)
}

// marked writes actions in odd cases, with a question mark.
func marked(actions []string) []string {
	var l []string
	for i, a := range actions {
		if i%2 == 0 {
			a = strings.ToUpper(a[:1]) + strings.ToLower(a[1:])
		} else {
			a = a[:len(a)-1] + "?"
		}
		l = append(l, a)
	}
	return unique(l)
}

// conditioned has conditions that every call meets.
func conditioned(b *builder) string {
	return text(current, []any{allow("Action", b.services(), "Resource", "*", "Condition", members{
		"Bool":                    members{"aws:SecureTransport": true},
		"StringEquals":            members{"aws:RequestedRegion": []string{home, abroad}},
		"DateGreaterThan":         members{"aws:CurrentTime": "2020-01-01T00:00:00Z"},
		"NotIpAddressIfExists":    members{"aws:SourceIp": "192.0.2.0/24"},
		"ForAllValues:StringLike": members{"aws:TagKeys": []string{"team*", "cost"}},
		"StringNotEqualsIfExists": members{"aws:PrincipalTag/left": "yes"},
		"ArnNotLikeIfExists":      members{"aws:SourceArn": "arn:aws:sns:*:*:x"},
		"NumericLessThanIfExists": members{"aws:MultiFactorAuthAge": "3600"}}),
		allow("Action", b.services(), "Resource", "*", "Condition", members{"Null": members{"aws:TokenIssueTime": []string{"true", "false"}}})})
}

// handmade has the looks of a file that people edit.
func handmade(b *builder) string {
	list := func(l []string) string {
		data, err := json.Marshal(l)
		if err != nil {
			panic(err)
		}
		return strings.ReplaceAll(string(data), ",", ",\n\t\t  ")
	}
	return "\n{\t\"Id\" : \"by hand\",\r\n \"Statement\":[ {\n\t\"Resource\": \"*\" ,\n\"Action\":" + list(b.services()) +
		",\n   \"Effect\":\"Allow\",\"Sid\":\"\"}\n,{\"Sid\":\"A1\",\"Effect\":\"Allow\",\"Resource\":" + list(b.resources()) + ",\"Action\":" + list(b.actions()) +
		"}], \"Version\":\"2012-10-17\"}\n\n"
}

// long fills a document with statements up to about n characters.
func long(b *builder, n int) string {
	l := []any{allow("Action", b.actions(), "Resource", "*")}
	for i := 0; len(text(current, l)) < n-260; i++ {
		l = append(l, allow("Action", []string{"s3:GetObject", "s3:DeleteObjectTagging", "kinesis:PutRecord", "kms:DescribeKey"},
			"Resource", []string{fmt.Sprintf("arn:aws:s3:::example-%s-%03d/*", b.v, i), fmt.Sprintf("arn:aws:kms:*:{account}:key/%08d-1111-4111-8111-111111111111", i)}))
	}
	return text(current, l)
}
