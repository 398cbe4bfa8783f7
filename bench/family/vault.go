package family

import (
	"time"
)

// vault takes backups: snapshots each night, database snapshots by date, recovery
// points, an export each Sunday, and the removal of what is too old.
func vault(s *site) func(*day) {
	job := s.job("/backup/", "backup-runner", "lambda.amazonaws.com")
	pass := s.role("/backup/", "backup-service", "backup.amazonaws.com")
	s.attach(job, "backup", `{"Version":"2012-10-17","Statement":[
	 {"Effect":"Allow","Action":["ec2:CreateSnapshot","ec2:DeleteSnapshot","ec2:DescribeSnapshots","ec2:DescribeVolumes","ec2:CreateTags","ec2:CopySnapshot","ec2:ModifySnapshotAttribute"],"Resource":"*"},
	 {"Effect":"Allow","Action":["rds:*Snapshot*","rds:AddTagsToResource","rds:DescribeDBInstances"],"Resource":"*"},
	 {"Effect":"Allow","Action":"backup:*","Resource":"*"},
	 {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/backup/*"}]}`)
	volumes := []string{"vol-0" + s.hex(16), "vol-0" + s.hex(16), "vol-0" + s.hex(16), "vol-0" + s.hex(16)}
	var snapshots []string
	for range 14 * len(volumes) {
		snapshots = append(snapshots, "snap-0"+s.hex(16))
	}
	s.exists(false, s.in("rds", "db:orders"), s.in("backup", "backup-vault:Default"))
	return func(d *day) {
		d.at(3, 0)
		by := d.as(job, "backup-runner")
		d.emit(describe(by, "DescribeVolumes"))
		for _, v := range volumes {
			snapshots = append(snapshots, d.snapshot(by, v))
		}
		d.emit(describe(by, "DescribeSnapshots"))
		for range volumes {
			d.emit(write(by, "ec2", "DeleteSnapshot", members{"snapshotId": snapshots[0]}, "arn:aws:ec2:"+home+"::snapshot/"+snapshots[0]))
			snapshots = snapshots[1:]
		}
		d.databases(by)
		d.recover(by, pass)
	}
}

func (d *day) databases(by *session) {
	names := []string{"orders", "customers"}
	if d.weekday() == time.Sunday {
		names = append(names, "warehouse")
	}
	for _, name := range names {
		db, id := d.s.in("rds", "db:"+name), func(t time.Time) string { return name + "-" + t.Format("2006-01-02-03-00") }
		d.emit(write(by, "rds", "CreateDBSnapshot", members{"dBInstanceIdentifier": name, "dBSnapshotIdentifier": id(d.date)},
			db, d.s.in("rds", "snapshot:"+id(d.date))))
		old := id(d.date.AddDate(0, 0, -14))
		d.emit(write(by, "rds", "DeleteDBSnapshot", members{"dBSnapshotIdentifier": old}, d.s.in("rds", "snapshot:"+old)))
	}
	if d.monthEnd() {
		id := "orders-monthly-" + d.date.Format("200601")
		from := "orders-" + d.date.Format("2006-01-02-03-00")
		d.emit(write(by, "rds", "CopyDBSnapshot", members{"sourceDBSnapshotIdentifier": from, "targetDBSnapshotIdentifier": id},
			d.s.in("rds", "snapshot:"+from), d.s.in("rds", "snapshot:"+id)))
	}
}

// recover starts a job of AWS Backup and removes an old recovery point.
func (d *day) recover(by *session, pass *role) {
	file := d.s.in("elasticfilesystem", "file-system/fs-0123456789abcdef0")
	c := write(by, "backup", "StartBackupJob", members{"backupVaultName": "nightly", "resourceArn": file, "iamRoleArn": pass.arn,
		"idempotencyToken": d.uuid()}, d.s.in("backup", "backup-vault:nightly"))
	c.response = members{"backupJobId": d.uuid()}
	d.emit(c.pass(pass, "backup.amazonaws.com"))
	point := d.s.in("backup", "recovery-point:"+d.uuid())
	params := func() members { return members{"backupVaultName": "nightly", "recoveryPointArn": point} }
	d.emit(read(by, "backup", "ListRecoveryPointsByBackupVault", members{"backupVaultName": "nightly"}, d.s.in("backup", "backup-vault:nightly")))
	d.emit(read(by, "backup", "DescribeRecoveryPoint", params(), point))
	d.emit(write(by, "backup", "DeleteRecoveryPoint", params(), point))
	if d.one(4) {
		d.emit(write(by, "rds", "DeleteDBSnapshot", members{"dBSnapshotIdentifier": "payroll-final"}, d.s.in("rds", "snapshot:payroll-final")).throttle())
	}
}
