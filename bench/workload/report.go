package workload

import "fmt"

// report is the monthly job: on the first of each month it reads the month's
// partitions, crosses into the data account and writes one report per tenant.
func report(d *day) {
	if d.date.Day() != 1 {
		return
	}
	w := d.w
	d.from(4, 0)
	s := &session{
		p: w.report, name: "monthly-" + d.date.Format("2006-01"), key: d.temporaryKey(), began: d.clock,
		ip: d.address("192.0.2.", 3), agent: agentBoto, vpce: endpoint,
	}
	d.assumedBy("ecs-tasks.amazonaws.com", s)
	name := "/shared/report/recipients"
	p := arn("ssm", d.region, w.prod, "parameter"+name)
	d.emit(call{
		by: s, service: "ssm", name: "GetParameter", read: true, params: obj("name", name, "withDecryption", false),
		targets: []target{{"", p, w.prod}}, uses: used("ssm:GetParameter", p),
	})
	d.emit(d.object(s, "GetObject", bucket("artifacts", w.prod), "report/templates/monthly.html", w.prod))
	d.power(s, "StartInstances", w.instance(0), false)
	d.readLake(s)
	for i := range min(5, w.tenants(d.n)) {
		key := fmt.Sprintf("reports/%s/tenant-%04d.html", d.date.Format("2006/01"), i+1)
		d.emit(d.object(s, "PutObject", bucket("tenants", w.prod), key, w.prod))
	}
	d.power(s, "StopInstances", w.instance(0), false)
}

// readLake assumes the reader's role in the data account and works there.
func (d *day) readLake(s *session) {
	w := d.w
	lake := &session{
		p: w.lakeReader, name: s.name, key: d.temporaryKey(), began: d.clock, ip: s.ip, agent: s.agent,
	}
	d.crossAccount(call{
		by: s, service: "sts", name: "AssumeRole", read: true,
		params: obj("roleArn", lake.p.arn, "roleSessionName", lake.name, "externalId", "report-builder", "durationSeconds", 3600),
		response: obj("credentials", obj("accessKeyId", lake.key, "sessionToken", "EXAMPLE", "expiration", d.clock.Add(3600e9).UTC().Format("Jan 2, 2006, 3:04:05 PM")),
			"assumedRoleUser", obj("assumedRoleId", lake.p.id+":"+lake.name, "arn", lake.sessionARN())),
		targets: []target{{"AWS::IAM::Role", lake.p.arn, w.data}}, uses: used("sts:AssumeRole", lake.p.arn),
	}, w.data)
	d.emit(call{
		by: lake, service: "glue", name: "GetTable", read: true, params: obj("catalogId", w.data, "databaseName", "lake", "name", "sales"),
		uses: used("glue:GetTable", arn("glue", d.region, w.data, "catalog"),
			arn("glue", d.region, w.data, "database/lake"), arn("glue", d.region, w.data, "table/lake/sales")),
	})
	b := bucket("lake", w.data)
	month := d.date.AddDate(0, -1, 0).Format("2006-01")
	d.emit(d.listObjects(lake, b, "sales/month="+month+"/", w.data))
	for i := range 4 {
		d.emit(d.object(lake, "GetObject", b, fmt.Sprintf("sales/month=%s/part-%05d.parquet", month, i), w.data))
	}
	d.emit(d.viaService(lake, "Decrypt", keyLake, "s3.amazonaws.com", obj("aws:s3:arn", s3arn(b))))
}
