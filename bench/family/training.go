package family

import "fmt"

// training starts machine learning jobs whose names carry the model and the
// second, reads data sets by version, and deploys a model once a week.
func training(s *site) func(*day) {
	start := s.job("/ml/", "training-starter", "lambda.amazonaws.com")
	run := s.role("/ml/", "training-run", "sagemaker.amazonaws.com")
	s.attach(start, "ml-start", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":"sagemaker:*","Resource":"arn:aws:sagemaker:*:{account}:*"},
	 {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/*","Condition":{"StringEquals":{"iam:PassedToService":"sagemaker.amazonaws.com"}}},
	 {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:ListBucket"],"Resource":["arn:aws:s3:::example-ml-*","arn:aws:s3:::example-ml-*/*"]}]}`)
	s.exists(true, s.in("sagemaker", "endpoint/payroll-forecast"), object("example-ml-hr", "cv/1.pdf"), bucket("example-ml-hr"),
		"arn:aws:iam::"+s.account+":role/ml/hr-run")
	s.exists(false, s.in("sagemaker", "endpoint/churn-canary"), s.in("sagemaker", "training-job/old-experiment-1"))
	version := 41
	return func(d *day) {
		if d.weekday() == 1 {
			version++
		}
		for i, model := range []string{"churn", "ranking", "fraud-score"} {
			d.at(2+i*3, 15)
			by := d.as(start, "training-starter")
			d.train(by, run, model, version)
		}
		if d.weekday() == 3 {
			d.at(14, 0)
			d.deployModel(d.as(start, "training-starter"), run, version)
		}
	}
}

func (d *day) train(by *session, run *role, model string, version int) {
	job := fmt.Sprintf("%s-%s-%s", model, d.clock.Format("2006-01-02-15-04-05"), d.text(4, lower+digits))
	arn := d.s.in("sagemaker", "training-job/"+job)
	d.emit(list(by, "example-ml-datasets", model+"/v"+fmt.Sprint(version)+"/"))
	d.emit(get(by, "example-ml-datasets", fmt.Sprintf("%s/v%d/manifest.json", model, version)))
	c := write(by, "sagemaker", "CreateTrainingJob", members{"trainingJobName": job, "roleArn": run.arn,
		"outputDataConfig": members{"s3OutputPath": "s3://example-ml-models/" + model}}, arn)
	c.response = members{"trainingJobArn": arn}
	d.emit(c.pass(run, "sagemaker.amazonaws.com"))
	for range 3 {
		d.emit(read(by, "sagemaker", "DescribeTrainingJob", members{"trainingJobName": job}, arn))
	}
	d.emit(get(by, "example-ml-models", model+"/"+job+"/output/model.tar.gz"))
	d.emit(put(by, "example-ml-models", "evaluations/"+job+".json"))
}

func (d *day) deployModel(by *session, run *role, version int) {
	name := fmt.Sprintf("churn-v%d-%s", version, d.date.Format("20060102"))
	model, config := d.s.in("sagemaker", "model/"+name), d.s.in("sagemaker", "endpoint-config/"+name)
	c := write(by, "sagemaker", "CreateModel", members{"modelName": name, "executionRoleArn": run.arn}, model)
	c.response = members{"modelArn": model}
	d.emit(c.pass(run, "sagemaker.amazonaws.com"))
	d.emit(write(by, "sagemaker", "CreateEndpointConfig", members{"endpointConfigName": name,
		"productionVariants": []members{{"modelName": name, "variantName": "all"}}}, config))
	d.emit(write(by, "sagemaker", "UpdateEndpoint", members{"endpointName": "churn", "endpointConfigName": name},
		d.s.in("sagemaker", "endpoint/churn"), config))
}
