package ocsftest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Version is a version of the schema.
type Version string

// The versions of Security Lake's sources 1.0 and 2.0.
const (
	V1 Version = "1.0.0-rc.2"
	V2 Version = "1.1.0"
)

// resource is an element of resources[].
type resource struct{ uid, account, kind *string }

// row is a record in the schema: the texts of its columns by their paths.
type row struct {
	columns   map[string]string
	resources []resource
	unmapped  [][2]string
}

// object is a JSON object.
type object = map[string]any

// convert maps one record.
func convert(record json.RawMessage, v Version) (row, error) {
	d := json.NewDecoder(strings.NewReader(string(record)))
	d.UseNumber()
	var r object
	if err := d.Decode(&r); err != nil {
		return row{}, fmt.Errorf("record: %w", err)
	}
	out := row{columns: map[string]string{
		"metadata.product.name": "CloudTrail", "metadata.version": string(v), "cloud.provider": "AWS",
		"metadata.product.feature.name": "Management, Data, and Insights",
	}}
	out.common(r)
	if v == V1 {
		out.first(r)
	} else {
		out.second(r)
	}
	out.flatten("", r)
	return out, nil
}

// move takes a member out of the record and puts it into a column.
func (o *row) move(r object, column string, path ...string) {
	if text, ok := take(r, path...); ok {
		o.columns[column] = text
	}
}

// take takes a scalar out of a record; empty objects go with it.
func take(r object, path ...string) (string, bool) {
	if len(path) > 1 {
		inner, ok := r[path[0]].(object)
		if !ok {
			return "", false
		}
		text, ok := take(inner, path[1:]...)
		return text, ok
	}
	text, ok := scalar(r[path[0]])
	if ok {
		delete(r, path[0])
	}
	return text, ok
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

func peek(r object, path ...string) string {
	for ; len(path) > 1; path = path[1:] {
		r, _ = r[path[0]].(object)
	}
	text, _ := scalar(r[path[0]])
	return text
}

// common maps what both versions have.
func (o *row) common(r object) {
	o.move(r, "metadata.product.version", "eventVersion")
	o.move(r, "metadata.product.feature.name", "eventCategory")
	o.move(r, "metadata.uid", "eventID")
	o.move(r, "cloud.region", "awsRegion")
	o.move(r, "api.operation", "eventName")
	o.move(r, "api.service.name", "eventSource")
	o.move(r, "api.version", "apiVersion")
	o.move(r, "api.request.uid", "requestID")
	o.move(r, "api.response.error", "errorCode")
	o.move(r, "api.response.message", "errorMessage")
	o.move(r, "http_request.user_agent", "userAgent")
	o.move(r, "src_endpoint.uid", "vpcEndpointId")
	o.move(r, "actor.user.type", "userIdentity", "type")
	o.move(r, "actor.user.name", "userIdentity", "userName")
	o.move(r, "actor.user.credential_uid", "userIdentity", "accessKeyId")
	o.move(r, "actor.user.credential_uid", "userIdentity", "credentialId")
	o.move(r, "actor.session.issuer", "userIdentity", "sessionContext", "sessionIssuer", "arn")
	o.move(r, "actor.invoked_by", "userIdentity", "invokedBy")
	o.move(r, "actor.idp.name", "userIdentity", "sessionContext", "webIdFederationData", "federatedProvider")
	o.move(r, "actor.idp.name", "userIdentity", "identityProvider")
	if from, ok := take(r, "sourceIPAddress"); ok {
		column := "src_endpoint.ip"
		if strings.HasSuffix(from, ".com") {
			column = "src_endpoint.domain"
		}
		o.columns[column] = from
	}
	if at, ok := take(r, "eventTime"); ok {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05z", "2006-01-02 15:04:05"} {
			if t, err := time.Parse(layout, at); err == nil {
				o.columns["time"] = strconv.FormatInt(t.UnixMilli(), 10)
			}
		}
	}
	o.columns["class_uid"] = class(o.columns["api.service.name"], o.columns["api.operation"])
	if o.columns["class_uid"] == "3002" {
		o.move(r, "dst_endpoint.svc_name", "additionalEventData", "LoginTo")
	}
}

// class is the class of an operation.
func class(service, operation string) string {
	switch {
	case service == "sts.amazonaws.com" && strings.HasPrefix(operation, "AssumeRole"), service == "signin.amazonaws.com":
		return "3002"
	case service == "iam.amazonaws.com" && slices.Contains([]string{
		"CreateUser", "DeleteUser", "UpdateUser", "CreateRole", "DeleteRole", "AttachUserPolicy", "AttachRolePolicy",
		"DetachUserPolicy", "DetachRolePolicy", "PutUserPolicy", "PutRolePolicy", "CreateAccessKey", "DeleteAccessKey",
		"CreateLoginProfile", "UpdateLoginProfile", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile",
		"AddUserToGroup", "UpdateAssumeRolePolicy", "CreateServiceLinkedRole",
	}, operation):
		return "3001"
	}
	return "api"
}

// first maps what version 1.0 has.
func (o *row) first(r object) {
	o.move(r, "actor.user.uid", "userIdentity", "principalId")
	o.move(r, "actor.user.uuid", "userIdentity", "arn")
	o.move(r, "actor.user.account_uid", "userIdentity", "accountId")
	o.move(r, "actor.session.mfa", "userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
	switch o.columns["class_uid"] {
	case "3001":
		o.move(r, "user.uid", "responseElements", "user", "userId")
		o.move(r, "user.uid", "responseElements", "role", "roleId")
		for _, path := range [][]string{
			{"responseElements", "user", "userName"}, {"responseElements", "role", "roleName"},
			{"requestParameters", "userName"}, {"requestParameters", "roleName"},
		} {
			o.move(r, "user.name", path...)
		}
	case "3002":
		if arn := o.columns["actor.user.uuid"]; arn != "" {
			o.columns["user.uuid"] = arn
		}
		o.move(r, "user.uuid", "requestParameters", "roleArn")
		o.move(r, "user.name", "requestParameters", "roleSessionName")
		o.columns["status"] = "Other"
		o.move(r, "status", "responseElements", "ConsoleLogin")
		if used, ok := take(r, "additionalEventData", "MFAUsed"); ok {
			o.columns["mfa"] = strconv.FormatBool(used == "Yes")
		}
	default:
		o.columns["class_uid"] = "3005"
		o.takeResources(r)
	}
}

// second maps what version 1.1 has.
func (o *row) second(r object) {
	o.move(r, "metadata.event_code", "eventType")
	o.move(r, "actor.user.uid_alt", "userIdentity", "principalId")
	o.move(r, "actor.user.uid", "userIdentity", "arn")
	o.move(r, "actor.user.account.uid", "userIdentity", "accountId")
	o.move(r, "actor.session.is_mfa", "userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
	o.move(r, "actor.user.uid_alt", "userIdentity", "onBehalfOf", "userId")
	if role := peek(r, "requestParameters", "roleArn"); role != "" {
		o.columns["user.uid"] = role
	}
	for column, member := range map[string]string{"api.request.data": "requestParameters", "api.response.data": "responseElements"} {
		if data := r[member]; data != nil {
			b, err := json.Marshal(data)
			if err == nil {
				o.columns[column] = string(b)
			}
		}
		delete(r, member)
	}
	if o.columns["class_uid"] == "api" {
		o.columns["class_uid"] = "6003"
		o.takeResources(r)
	}
}

func (o *row) takeResources(r object) {
	list, _ := r["resources"].([]any)
	for _, e := range list {
		e, ok := e.(object)
		if !ok {
			continue
		}
		var res resource
		for name, to := range map[string]**string{"ARN": &res.uid, "accountId": &res.account, "type": &res.kind} {
			if text, ok := take(e, name); ok {
				*to = &text
			}
		}
		if res != (resource{}) {
			o.resources = append(o.resources, res)
		}
	}
}

// flatten puts what is left into unmapped.
func (o *row) flatten(path string, v any) {
	switch v := v.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := name
			if path != "" {
				below = path + "." + name
			}
			o.flatten(below, v[name])
		}
	case []any:
		for _, e := range v {
			o.flatten(strings.TrimSuffix(path, "[]")+"[]", e)
		}
	default:
		if text, ok := scalar(v); ok {
			o.unmap(path, text)
		}
	}
}

func (o *row) unmap(path, text string) {
	for i := range o.unmapped {
		if o.unmapped[i][0] == path {
			o.unmapped[i][1] += "," + text
			return
		}
	}
	o.unmapped = append(o.unmapped, [2]string{path, text})
}
