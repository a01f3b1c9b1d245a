#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# radosgw.sh start DIR: Ceph's S3 gateway, with its own monitor and one OSD.
#   STORE=memstore    in memory, at four times the size of what is stored;
#                     STORE=bluestore for more than 256 MiB, in a file of DIR
# radosgw.sh stop DIR: end them.
#
# DIR/env: S3_URL and S3_TLS_URL; CA_FILE; the owner's S3_ACCESS_KEY and
# S3_SECRET_KEY; AGENT_ACCESS_KEY and AGENT_SECRET_KEY, which may only put
# below AGENT_PREFIX; ROLE, which the owner's keys may assume (s3.py
# assume-role); LOCKED, a bucket with object lock, COMPLIANCE for a day, and
# PLAIN, one without; RADOSGW_PID.
#
# What Ceph 16 does not do as S3 does: it ignores x-amz-checksum-*, and
# If-None-Match in a bucket with versions.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
what=${1:?usage: radosgw.sh start|stop DIR}
dir=${2:?usage: radosgw.sh $what DIR}

write_conf() {
	local v2=$1 v1=$2 plain=$3 tls=$4 osd=$5

	cat >"$dir/ceph.conf" <<-EOT
		[global]
		fsid = $(cat /proc/sys/kernel/random/uuid)
		mon host = [v2:127.0.0.1:$v2,v1:127.0.0.1:$v1]
		mon initial members = a
		public addr = 127.0.0.1
		cluster addr = 127.0.0.1
		ms bind ipv6 = false
		ms bind port min = $osd
		ms bind port max = $((osd + 100))
		keyring = $dir/keyring
		auth allow insecure global id reclaim = false
		mon allow pool size one = true
		mon warn on pool no redundancy = false
		mon max pg per osd = 1000
		mon data avail warn = 2
		mon data avail crit = 1
		mon data = $dir/mon
		mon cluster log file = $dir/cluster.log
		osd data = $dir/osd
		osd crush chooseleaf type = 0
		osd pool default size = 1
		osd pool default min size = 1
		osd pool default pg num = 1
		osd pool default pgp num = 1
		osd pool default pg autoscale mode = off
		osd objectstore = ${STORE:-memstore}
		osd memory target = 939524096
		memstore device bytes = 4294967296
		bluestore block size = 8589934592
		bluestore fsck on mkfs = false
		bluestore cache autotune = false
		bluestore cache size = 67108864
		run dir = $dir
		log file = $dir/\$name.log
		pid file = $dir/\$name.pid
		admin socket = $dir/\$name.asok
		[client.rgw]
		rgw frontends = beast endpoint=127.0.0.1:$plain ssl_endpoint=127.0.0.1:$tls ssl_certificate=$dir/tls/server-both.pem
		rgw data = $dir/rgw
		rgw dns name = localhost
		rgw enable usage log = false
		rgw override bucket index max shards = 1
		rgw enable apis = s3, sts, iam
		rgw s3 auth use sts = true
		rgw sts key = $(openssl rand -hex 8)
	EOT
}

# Without cephx radosgw is refused.
write_keyring() {
	local tool=(ceph-authtool "$dir/keyring" --gen-key)

	"${tool[@]}" --create-keyring -n mon. --cap mon 'allow *'
	"${tool[@]}" -n client.admin --cap mon 'allow *' --cap osd 'allow *' \
		--cap mds 'allow *' --cap mgr 'allow *'
	"${tool[@]}" -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx' \
		--cap mgr 'allow rw'
	"${tool[@]}" -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' \
		--cap mgr 'allow profile osd'
}

start_mon() {
	local v2=$1 v1=$2

	# --add would give a v1 address only, at which clients hang.
	monmaptool --create --addv a "[v2:127.0.0.1:$v2,v1:127.0.0.1:$v1]" \
		--fsid "$(sed -n 's/^fsid = //p' "$dir/ceph.conf")" "$dir/monmap"
	ceph-mon "${conf[@]}" --mkfs -i a --monmap "$dir/monmap" \
		--keyring "$dir/keyring"
	ceph-mon "${conf[@]}" -i a
}

start_osd() {
	local uuid

	uuid=$(cat /proc/sys/kernel/random/uuid)
	ceph --connect-timeout 20 "${conf[@]}" osd new "$uuid" 0
	ceph-osd "${conf[@]}" -i 0 --mkfs --osd-uuid "$uuid"
	ceph-osd "${conf[@]}" -i 0
}

admin() {
	radosgw-admin "${conf[@]}" -n client.rgw --admin-socket "" "$@"
}

# add_user NAME: with keys of its own, which go to env in capitals.
add_user() {
	local prefix=$2 access secret

	access=TEST${1^^}$(openssl rand -hex 6)
	secret=$(openssl rand -hex 20)
	admin user create --uid="$1" --display-name="$1" \
		--access-key="$access" --secret-key="$secret" >"$dir/$1.json"
	printf '%s_ACCESS_KEY=%s\n%s_SECRET_KEY=%s\n' "$prefix" "$access" \
		"$prefix" "$secret" >>"$dir/env"
}

# The session's own policy makes it less than the role's.
add_role() {
	local user='"AWS": ["arn:aws:iam:::user/owner"]'
	local trust put

	trust="{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\",
		\"Principal\": {$user}, \"Action\": [\"sts:AssumeRole\"]}]}"
	put='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}]}'
	admin role create --role-name=capture \
		--assume-role-policy-doc="${trust//[$'\n\t']/}" >"$dir/role.json"
	admin role-policy put --role-name=capture --policy-name=all \
		--policy-doc="${put//[$'\n\t']/}" >"$dir/role-policy.json"
	admin caps add --uid=owner --caps='roles=*' >"$dir/caps.json"
	echo "ROLE=$(sed -n 's/.*"Arn": "\(.*\)",$/\1/p' "$dir/role.json")" \
		>>"$dir/env"
}

# The agent's keys may put below its prefix, and nothing else.  What they put is
# the agent's own here: it could read it, and the owner could not.
add_buckets() {
	local bucket

	set -a
	# shellcheck source=/dev/null # what was just written
	. "$dir/env"
	set +a
	"$here/s3.py" make-bucket evidence --lock 1
	"$here/s3.py" make-bucket plain
	for bucket in evidence plain; do
		cat >"$dir/policy" <<-EOT
			{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			"Principal": {"AWS": ["arn:aws:iam:::user/agent"]},
			"Action": ["s3:PutObject"],
			"Resource": ["arn:aws:s3:::$bucket/${AGENT_PREFIX}*"]},
			{"Effect": "Deny",
			"Principal": {"AWS": ["arn:aws:iam:::user/agent"]},
			"Action": ["s3:GetObject", "s3:GetObjectVersion",
			"s3:DeleteObject", "s3:DeleteObjectVersion"],
			"Resource": ["arn:aws:s3:::$bucket/*"]},
			{"Effect": "Allow",
			"Principal": {"AWS": ["arn:aws:iam:::user/owner"]},
			"Action": ["s3:GetObject", "s3:GetObjectVersion"],
			"Resource": ["arn:aws:s3:::$bucket/${AGENT_PREFIX}*"]}]}
		EOT
		"$here/s3.py" request PUT "/$bucket?policy=" -d "$dir/policy"
	done
}

start() {
	local ports

	rm -rf "$dir"
	mkdir -p "$dir"/{mon,osd,rgw}
	dir=$(cd "$dir" && pwd)
	conf=(-c "$dir/ceph.conf")
	make_ca "$dir/tls"
	read -ra ports < <(free_ports 5)
	write_conf "${ports[@]}"
	{
		write_keyring
		start_mon "${ports[0]}" "${ports[1]}"
		start_osd
		radosgw "${conf[@]}" -n client.rgw
	} >"$dir/out" 2>&1 || die "ceph did not start: $(tail -n 5 "$dir/out")"
	until_true 90 answers "http://127.0.0.1:${ports[2]}/" ||
		die "radosgw does not answer, see $dir/client.rgw.log"
	cat >"$dir/env" <<-EOT
		S3_URL=http://127.0.0.1:${ports[2]}
		S3_TLS_URL=https://127.0.0.1:${ports[3]}
		CA_FILE='$dir/tls/ca.pem'
		LOCKED=evidence
		PLAIN=plain
		AGENT_PREFIX=case/agent/
		RADOSGW_PID='$dir/client.rgw.pid'
	EOT
	{
		add_user owner S3
		add_user agent AGENT
		add_role
		add_buckets
	} >>"$dir/out" 2>&1 || die "cannot set it up: $(tail -n 5 "$dir/out")"
}

case $what in
start) start ;;
stop)
	# A gateway without an OSD would not end.
	for name in client.rgw osd.0 mon.a; do
		stop_pid "$dir/$name.pid"
	done
	;;
*) die "no such command: $what" ;;
esac
