package family

import "fmt"

// analysts read the lake through Athena: query results lie by workgroup, person
// and day, and new tables appear in some weeks.
func analysts(s *site) func(*day) {
	role := s.job("/people/", "analyst", "ec2.amazonaws.com")
	s.attach(role, "analyst", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":["athena:*"],"Resource":"*"},
	 {"Effect":"Allow","Action":["glue:Get*","glue:Batch*","glue:CreateTable","glue:DeleteTable"],"Resource":"*"},
	 {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket","s3:GetBucketLocation"],"Resource":["arn:aws:s3:::example-lake","arn:aws:s3:::example-lake/*"]},
	 {"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::example-query-results","arn:aws:s3:::example-query-results/*"]}]}`)
	s.exists(true, object("example-lake", "hr/reviews/1.parquet"), s.in("glue", "table/hr/reviews"), s.in("glue", "database/hr"),
		object("example-query-results", "hr/secret.csv"))
	s.exists(false, s.in("glue", "table/gold/unused_view"), s.in("athena", "workgroup/primary"))
	tables := []string{"orders_daily", "customers", "clicks", "returns", "stock_level"}
	return func(d *day) {
		if d.weekday() == 2 && d.one(2) {
			tables = append(tables, pick(d, "campaign", "forecast", "basket", "segment")+"_"+d.text(3, lower))
		}
		queries := 6
		if !d.working() {
			queries = 1
		}
		for range queries {
			d.at(8+d.IntN(9), d.IntN(50))
			who := pick(d, "sam", "lee", "ira", "max")
			d.ask(d.as(role, who+"@example.com").from("Mozilla/5.0", "203.0.113.7"), who, tables[d.IntN(len(tables))])
		}
	}
}

func (d *day) ask(by *session, who, table string) {
	d.emit(d.glue(by, "GetDatabase", "gold", ""))
	d.emit(d.glue(by, "GetTable", "gold", table))
	d.emit(d.glue(by, "GetPartitions", "gold", table))
	prefix := fmt.Sprintf("%s/%s/", who, d.date.Format("2006/01/02"))
	id := d.athena(by, "analysts", "gold", "select * from "+table+" limit 100", "s3://example-query-results/"+prefix)
	d.emit(location(by, "example-query-results"))
	d.emit(list(by, "example-lake", "gold/"+table+"/"))
	for range 2 {
		day := d.date.AddDate(0, 0, -1-d.IntN(20)).Format("2006-01-02")
		d.emit(get(by, "example-lake", fmt.Sprintf("gold/%s/dt=%s/%s.parquet", table, day, d.uuid())))
	}
	d.emit(put(by, "example-query-results", prefix+id+".csv"))
	d.emit(put(by, "example-query-results", prefix+id+".csv.metadata"))
	d.emit(get(by, "example-query-results", prefix+id+".csv"))
}
