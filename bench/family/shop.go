package family

import "strconv"

// shop is a web API on containers, with a function behind it and few, stable
// resources, apart from log streams named by tasks and carts named by UUIDs.
func shop(s *site) func(*day) {
	api := s.job("/app/", "shop-api", "ecs-tasks.amazonaws.com")
	s.attach(api, "shop-api", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Tables","Effect":"Allow","Action":["dynamodb:*Item","dynamodb:Query","dynamodb:Scan","dynamodb:DescribeTable","dynamodb:DeleteTable"],
	  "Resource":["arn:aws:dynamodb:{region}:{account}:table/shop-*","arn:aws:dynamodb:{region}:{account}:table/shop-*/index/*"]},
	 {"Sid":"Images","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::example-shop-*/*",
	  "Condition":{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60718"}}},
	 {"Sid":"Events","Effect":"Allow","Action":["sns:*","sqs:*"],"Resource":"arn:aws:*:{region}:{account}:shop-*"},
	 {"Sid":"Functions","Effect":"Allow","Action":"lambda:Invoke*","Resource":"*"}]}`)
	s.attach(api, "task-baseline", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":["logs:*"],"Resource":"arn:aws:logs:{region}:{account}:log-group:/ecs/*"},
	 {"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":"arn:aws:secretsmanager:{region}:{account}:secret:shop/*"},
	 {"Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringLike":{"kms:ViaService":"*.{region}.amazonaws.com"}}},
	 {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::example-shop-audit/*"}]}`)
	s.exists(true, object("example-shop-audit", "2026/09/01.log"), s.in("dynamodb", "table/shop-admin"), s.in("sqs", "shop-refunds"),
		s.in("lambda", "function:admin-tool"), s.in("secretsmanager", "secret:shop/admin-zZ9yX8"), object("example-shop-invoices", "inv-1.pdf"))
	s.exists(false, s.in("dynamodb", "table/shop-archive"), s.in("sqs", "shop-orders-dead"), s.in("logs", "log-group:/ecs/shop-api"))
	const key = "bbbbbbbb-1111-4bbb-8bbb-000000000001"
	return func(d *day) {
		for task := range 3 {
			d.at(1+task*8, 0)
			id := d.hex(32)
			by := d.as(api, id)
			by.vpce = "vpce-0a1b2c3d4e5f60718"
			d.emit(d.logStream(by, "/ecs/shop-api", "api/api/"+id))
			d.emit(d.secret(by, "shop/database", "Qw3rTy", d.one(2)))
			d.emit(d.cipher(by, "Decrypt", key, "secretsmanager", members{"SecretARN": d.s.in("secretsmanager", "secret:shop/database-Qw3rTy")}))
			for range 20 {
				d.visit(by)
			}
		}
	}
}

// visit is one request to the shop.
func (d *day) visit(by *session) {
	customer := strconv.Itoa(100000 + d.IntN(900000))
	inVPC := func(c call) call { return c.about("aws:SourceVpce", by.vpce) }
	switch d.IntN(9) {
	case 0:
		d.emit(d.item(by, "GetItem", "shop-carts"))
	case 1:
		d.emit(d.item(by, pick(d, "PutItem", "UpdateItem"), "shop-carts"))
	case 2:
		d.emit(d.query(by, "shop-orders", "by-customer"))
	case 3:
		d.emit(d.item(by, "PutItem", "shop-orders"))
		d.emit(d.publish(by, "shop-order-placed"))
	case 4:
		d.emit(inVPC(get(by, "example-shop-media", "products/"+strconv.Itoa(d.IntN(400))+"/large.webp")))
	case 5:
		d.emit(inVPC(put(by, "example-shop-media", "avatars/"+customer+"/"+d.uuid()+".jpg")))
	case 6:
		d.emit(d.message(by, "SendMessage", "shop-orders"))
	case 7:
		d.emit(d.invoke(by, "price-quote:live"))
	default:
		d.emit(d.item(by, "GetItem", "shop-products"))
	}
}
