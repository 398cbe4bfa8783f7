package family

// Calls on S3 and KMS.

// onObject is a data event on one object.
func onObject(by *session, name, action, b, key string) call {
	return call{
		by: by, source: "s3", name: name, data: true, read: name == "GetObject" || name == "HeadObject",
		params:  members{"bucketName": b, "Host": b + ".s3." + home + ".amazonaws.com", "key": key},
		targets: []target{{"AWS::S3::Object", object(b, key)}, {"AWS::S3::Bucket", bucket(b)}},
		uses:    use(action, object(b, key)),
	}
}

func get(by *session, b, key string) call { return onObject(by, "GetObject", "s3:GetObject", b, key) }
func put(by *session, b, key string) call { return onObject(by, "PutObject", "s3:PutObject", b, key) }
func erase(by *session, b, key string) call {
	return onObject(by, "DeleteObject", "s3:DeleteObject", b, key)
}

// list is the event of ListObjectsV2.
func list(by *session, b, prefix string) call {
	c := call{
		by: by, source: "s3", name: "ListObjects", data: true, read: true,
		params: members{"bucketName": b, "Host": b + ".s3." + home + ".amazonaws.com", "list-type": "2",
			"encoding-type": "url", "prefix": prefix},
		targets: []target{{"AWS::S3::Bucket", bucket(b)}},
		uses:    use("s3:ListBucket", bucket(b)),
	}
	return c.about("s3:prefix", prefix)
}

// copied is the event of CopyObject, which reads the source as well.
func copied(by *session, from, fromKey, to, toKey string) call {
	c := put(by, to, toKey)
	c.name = "CopyObject"
	c.params["x-amz-copy-source"] = from + "/" + fromKey
	c.targets = append(c.targets, target{"AWS::S3::Object", object(from, fromKey)}, target{"AWS::S3::Bucket", bucket(from)})
	return c.also("s3:GetObject", object(from, fromKey))
}

// upload is a multipart upload: the parts need what the object needs.
func (d *day) upload(by *session, b, key string) {
	id := d.text(40, upper+lower+digits)
	for _, name := range []string{"CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"} {
		c := onObject(by, name, "s3:PutObject", b, key)
		if name == "CreateMultipartUpload" {
			c.params["uploads"] = ""
		} else {
			c.params["uploadId"] = id
		}
		d.emit(c)
	}
}

// location is the management event of GetBucketLocation.
func location(by *session, b string) call {
	return call{
		by: by, source: "s3", name: "GetBucketLocation", read: true,
		params:  members{"bucketName": b, "Host": b + ".s3." + home + ".amazonaws.com", "location": ""},
		targets: []target{{"AWS::S3::Bucket", bucket(b)}}, uses: use("s3:GetBucketLocation", bucket(b)),
	}
}

// cipher is a call on a key, by way of a service where via is given ("s3").
func (d *day) cipher(by *session, name, key, via string, context members) call {
	k := d.s.in("kms", "key/"+key)
	c := call{
		by: by, source: "kms", name: name, read: true, targets: []target{{"AWS::KMS::Key", k}}, uses: use("kms:"+name, k),
		params: members{"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
	}
	if name == "GenerateDataKey" {
		c.params = members{"keyId": k, "encryptionContext": context, "keySpec": "AES_256"}
	}
	if via != "" {
		c.via = via + ".amazonaws.com"
		c = c.about("kms:ViaService", via+"."+home+".amazonaws.com")
	}
	return c
}
