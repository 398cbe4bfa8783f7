package workload

// Calls that several workloads make.

// object is a data event on one object.
func (d *day) object(by *session, name, bucket, key, owner string) call {
	action := "s3:" + name
	return call{
		by: by, service: "s3", name: name, read: name == "GetObject", data: true,
		params: obj("bucketName", bucket, "Host", bucket+".s3."+d.region+".amazonaws.com", "key", key),
		targets: []target{
			{"AWS::S3::Object", s3arn(bucket, key), ""},
			{"AWS::S3::Bucket", s3arn(bucket), owner},
		},
		uses: used(action, s3arn(bucket, key)),
	}
}

// listObjects is the data event that ListObjectsV2 leaves.
func (d *day) listObjects(by *session, bucket, prefix, owner string) call {
	return call{
		by: by, service: "s3", name: "ListObjects", read: true, data: true,
		params: obj("bucketName", bucket, "Host", bucket+".s3."+d.region+".amazonaws.com",
			"list-type", "2", "encoding-type", "url", "prefix", prefix),
		targets: []target{
			{"AWS::S3::Bucket", s3arn(bucket), owner},
		},
		uses: used("s3:ListBucket", s3arn(bucket)),
	}
}

// missing is a GetObject of a key that is not there: S3 says so only to those
// who may list the bucket.
func (d *day) missing(by *session, bucket, key, owner string) call {
	c := d.object(by, "GetObject", bucket, key, owner).after("NoSuchKey", "The specified key does not exist.")
	c.uses = append(c.uses, Use{Action: "s3:ListBucket", Resource: s3arn(bucket), Basis: "implied"})
	return c
}

// viaService is a KMS call that a service makes with the caller's permissions.
func (d *day) viaService(by *session, name, key, via string, context object) call {
	params := obj("encryptionContext", context)
	if name == "GenerateDataKey" {
		params = obj("keyId", arn("kms", d.region, by.p.account, "key/"+key)).with(params...).with("keySpec", "AES_256")
	} else {
		params = params.with("encryptionAlgorithm", "SYMMETRIC_DEFAULT")
	}
	k := arn("kms", d.region, by.p.account, "key/"+key)
	return call{
		by: by, service: "kms", name: name, read: true, via: via, params: params,
		targets: []target{{"AWS::KMS::Key", k, by.p.account}},
		uses:    used("kms:"+name, k),
	}
}

// assumedBy notes that a service assumed the role for a job or an instance.
func (d *day) assumedBy(host string, s *session) {
	d.emit(call{
		service: "sts", name: "AssumeRole", read: true, identity: byService(host), ip: host, agent: host,
		params:   obj("roleArn", s.p.arn, "roleSessionName", s.name, "durationSeconds", 3600),
		response: obj("credentials", obj("accessKeyId", s.key, "sessionToken", "EXAMPLE", "expiration", s.began.Add(3600e9).UTC().Format("Jan 2, 2006, 3:04:05 PM"))),
		targets:  []target{{"AWS::IAM::Role", s.p.arn, s.p.account}},
		class:    classAWSService, recipient: s.p.account, shared: d.uuid(),
	})
}

// whoAmI is the call that every tool begins with; IAM asks no permission for it.
func (d *day) whoAmI(by *session) {
	d.emit(call{by: by, service: "sts", name: "GetCallerIdentity", read: true, class: classNoAuthorized})
}

// describe is an EC2 read without resource-level permissions.
func (d *day) describe(by *session, name string, params object) {
	d.emit(call{by: by, service: "ec2", name: name, read: true, params: params, uses: used("ec2:"+name, "*")})
}

// read is a management read on one resource.
func (d *day) read(by *session, service, name, action, resource string, params object) {
	d.emit(call{by: by, service: service, name: name, read: true, params: params, uses: used(action, resource)})
}

// write is a management write on one resource.
func (d *day) write(by *session, service, name, action, resource string, params, response object) {
	d.emit(call{by: by, service: service, name: name, params: params, response: response, uses: used(action, resource)})
}

// temporaryKey invents the id of a temporary access key.
func (d *day) temporaryKey() string { return "ASIAEXAMPLE" + d.text(9, upperAlnum) }

// logStream creates the stream that a job or a container writes its output to.
func (d *day) logStream(by *session, group, stream string) {
	d.write(by, "logs", "CreateLogStream", "logs:CreateLogStream",
		arn("logs", d.region, by.p.account, "log-group:"+group+":log-stream:"+stream),
		obj("logGroupName", group, "logStreamName", stream), nil)
}

// listAlarms reads all alarms: the permission is on every alarm of the region.
func (d *day) listAlarms(by *session) {
	d.emit(call{
		by: by, service: "monitoring", name: "DescribeAlarms", read: true, params: obj("maxRecords", 100),
		uses: hidden("cloudwatch:DescribeAlarms", arn("cloudwatch", d.region, by.p.account, "alarm:*")),
	})
}
