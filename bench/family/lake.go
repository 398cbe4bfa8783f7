package family

import "fmt"

// lake loads raw files into a lake: Hive partitions, plain dates, hours, epoch
// seconds and part files with UUIDs, each night; once a month it closes the month.
func lake(s *site) func(*day) {
	load := s.job("/etl/", "lake-load", "glue.amazonaws.com")
	const key = "aaaaaaaa-1111-4aaa-8aaa-000000000001"
	s.attach(load, "lake-data", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Raw","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::example-raw-events","arn:aws:s3:::example-raw-events/*"]},
	 {"Sid":"Lake","Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::example-lake","arn:aws:s3:::example-lake/*"],
	  "Condition":{"Bool":{"aws:SecureTransport":"true"}}},
	 {"Sid":"Keys","Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"arn:aws:kms:{region}:{account}:key/*"}]}`)
	s.inlined(load, "catalog", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":"glue:*","Resource":"*"},
	 {"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/aws-glue/*"}]}`)
	for i := range 60 { // another team writes into the same lake, under its own prefix
		s.exists(true, object("example-lake", fmt.Sprintf("hr/reviews/year=2026/month=%02d/part-%05d.parquet", 1+i%9, i)))
		s.exists(true, object("example-raw-events", fmt.Sprintf("hr-export/2026-0%d-01/%d.csv", 1+i%9, i)))
	}
	s.exists(true, s.in("glue", "database/hr"), s.in("glue", "table/hr/reviews"))
	s.exists(false, s.in("glue", "database/lake"), s.in("glue", "table/lake/old_orders"), object("example-lake", "README.md"))
	return func(d *day) {
		d.at(1, 0)
		by := d.as(load, "GlueJobRunnerSession")
		d.emit(d.glue(by, "GetDatabase", "lake", ""))
		d.emit(d.logStream(by, "/aws-glue/jobs/output", "jr_"+d.hex(64)))
		y, m, dd := d.date.Format("2006"), d.date.Format("01"), d.date.Format("02")
		plain := d.date.AddDate(0, 0, -1).Format("2006-01-02")
		hive := "year=" + y + "/month=" + m + "/day=" + dd
		d.emit(list(by, "example-raw-events", "clicks/dt="+plain+"/"))
		for h := range 24 {
			d.emit(get(by, "example-raw-events", fmt.Sprintf("clicks/dt=%s/hour=%02d/events-%s.json.gz", plain, h, d.hex(12))))
		}
		for range 6 {
			epoch := d.date.Unix() - int64(d.IntN(86400))
			d.emit(get(by, "example-raw-events", fmt.Sprintf("sensors/%d-%04d.avro", epoch, d.IntN(10000))))
		}
		for i := range 8 {
			d.emit(put(by, "example-lake", fmt.Sprintf("silver/clicks/%s/part-%05d-%s-c000.snappy.parquet", hive, i, d.uuid())))
		}
		d.emit(put(by, "example-lake", "silver/clicks/"+hive+"/_SUCCESS"))
		d.upload(by, "example-lake", "gold/daily/"+y+"/"+m+"/"+dd+"/summary.parquet")
		temporary := "silver/_temporary/" + d.uuid() + "/"
		d.emit(put(by, "example-lake", temporary+"0"))
		d.emit(copied(by, "example-lake", temporary+"0", "example-lake", "silver/sensors/ingest_date="+plain+"/"+d.uuid()+".parquet"))
		d.emit(erase(by, "example-lake", temporary+"0"))
		d.emit(d.cipher(by, "Decrypt", key, "s3", members{"aws:s3:arn": bucket("example-raw-events")}))
		d.emit(d.cipher(by, "GenerateDataKey", key, "s3", members{"aws:s3:arn": bucket("example-lake")}))
		for _, t := range []string{"clicks", "sensors"} {
			d.emit(d.glue(by, "GetTable", "lake", t))
			d.emit(d.glue(by, "BatchCreatePartition", "lake", t))
		}
		if d.monthEnd() {
			d.emit(list(by, "example-lake", "gold/daily/"+y+"/"+m+"/"))
			d.emit(get(by, "example-lake", "gold/daily/"+y+"/"+m+"/"+dd+"/summary.parquet"))
			d.emit(put(by, "example-lake", "gold/monthly/"+y+"-"+m+".parquet"))
		}
		if d.one(9) {
			d.emit(get(by, "example-payroll", "2026/09/slips/all.pdf").deny())
		}
	}
}
