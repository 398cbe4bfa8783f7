package family

import (
	"fmt"
	"time"
)

// fleet are queue workers in an Auto Scaling group: sessions and log streams are
// named by instances that come and go.
func fleet(s *site) func(*day) {
	worker := s.job("/", "render-worker", "ec2.amazonaws.com")
	s.attach(worker, "render-worker", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Queue","Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:{region}:{account}:render-*"},
	 {"Sid":"Media","Effect":"Allow","Action":["s3:Get*","s3:Put*","s3:List*","s3:DeleteObject"],"Resource":["arn:aws:s3:::example-render-in/*","arn:aws:s3:::example-render-out/*"]},
	 {"Sid":"Scale","Effect":"Allow","Action":["autoscaling:*"],"Resource":"*"},
	 {"Sid":"Logs","Effect":"Allow","Action":["logs:*"],"Resource":"*"},
	 {"Sid":"Tags","Effect":"Allow","Action":["ec2:CreateTags","ec2:DescribeTags","ec2:DescribeInstances","ec2:TerminateInstances"],"Resource":"*"}]}`)
	s.exists(true, object("example-render-in", "payroll-films/1.mov"), s.in("autoscaling", "autoScalingGroup:0f0f0f0f-1111-4222-8333-444444444444:autoScalingGroupName/payroll"),
		s.in("sqs", "render-admin"))
	s.exists(false, s.in("sqs", "render-dead"), s.in("logs", "log-group:/render/worker"))
	group := s.in("autoscaling", "autoScalingGroup:"+s.uuid()+":autoScalingGroupName/render")
	return func(d *day) {
		for range 3 + d.IntN(3) {
			d.at(d.IntN(22), d.IntN(40))
			d.render(worker, group)
		}
	}
}

func (d *day) render(worker *role, group string) {
	id := "i-0" + d.hex(16)
	by := d.as(worker, id)
	d.emit(d.logStream(by, "/render/worker", id+"/"+d.date.Format("2006/01/02")))
	d.emit(write(by, "ec2", "CreateTags", members{"resourcesSet": members{"items": []members{{"resourceId": id}}},
		"tagSet": members{"items": []members{{"key": "state", "value": "busy"}}}}, d.s.in("ec2", "instance/"+id)))
	for range 2 + d.IntN(4) {
		job := fmt.Sprintf("%d/%s", d.clock.UnixMilli(), d.uuid())
		d.emit(d.message(by, "ReceiveMessage", "render-jobs"))
		d.emit(get(by, "example-render-in", "jobs/"+job+"/scene.blend"))
		for frame := range 4 {
			d.emit(put(by, "example-render-out", fmt.Sprintf("frames/%s/%05d.exr", job, frame)))
		}
		d.emit(d.message(by, "ChangeMessageVisibility", "render-jobs"))
		d.emit(d.message(by, "DeleteMessage", "render-jobs"))
		d.clock = d.clock.Add(7 * time.Minute)
	}
	d.emit(write(by, "autoscaling", "CompleteLifecycleAction", members{"autoScalingGroupName": "render", "instanceId": id,
		"lifecycleHookName": "drain", "lifecycleActionResult": "CONTINUE"}, group).hide())
}
