import gzip, json, sys
from multiprocessing import Pool

def read(names):
    groups = {}
    for name in names:
        with gzip.open(name) as f:
            for r in json.load(f)["Records"]:
                who, res, par = r.get("userIdentity") or {}, r.get("resources"), r.get("requestParameters") or {}
                principal = ((who.get("sessionContext") or {}).get("sessionIssuer") or {}).get("arn") or who.get("arn")
                resource = res[0].get("ARN") if res else par.get("bucketName") or par.get("roleArn")
                at = r["eventTime"]
                key = at[:10], r.get("recipientAccountId"), principal, r["awsRegion"], r["eventSource"], r["eventName"], r.get("errorCode"), resource
                g = groups.get(key)
                if g is None:
                    groups[key] = [1, at, at]
                else:
                    g[0] += 1
                    g[1], g[2] = min(g[1], at), max(g[2], at)
    return groups

if __name__ == "__main__":
    names = sys.stdin.read().split("\0")[:-1]
    total = {}
    with Pool(2) as pool:
        for groups in pool.imap_unordered(read, [names[i:i + 20] for i in range(0, len(names), 20)]):
            for key, g in groups.items():
                t = total.get(key)
                if t is None:
                    total[key] = g
                else:
                    t[0] += g[0]
                    t[1], t[2] = min(t[1], g[1]), max(t[2], g[2])
    print(len(total), sum(g[0] for g in total.values()))
