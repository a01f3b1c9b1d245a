#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# nginx.sh start DIR: nginx that stores what is PUT, below DIR/files; and
# refuses, with 412, what is there already if If-None-Match: * says so.
# nginx.sh stop DIR: end it.
#
# DIR/env: MTLS_URL, where a client needs a certificate of the CA; BEARER_URL,
# TLS with a token: BEARER, or BEARER_PUT that may only put; PLAIN_URL, for
# speed, without either; CA_FILE, CLIENT_CERT, CLIENT_KEY; NGINX_FILES,
# NGINX_LOG, NGINX_PID.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
what=${1:?usage: nginx.sh start|stop DIR}
dir=${2:?usage: nginx.sh $what DIR}

# write_server PORT "MORE": one listener.
write_server() {
	cat <<-EOT
		server {
			listen 127.0.0.1:$1;
			root $dir/files;
			$2
			set \$there "";
			if (-f \$request_filename) {
				set \$there there;
			}
			set \$case "\$there \$request_method \$http_if_none_match";
			if (\$case = "there PUT *") {
				return 412;
			}
			location / {
				dav_methods PUT DELETE;
				create_full_put_path on;
			}
		}
	EOT
}

# shellcheck disable=SC2016 # nginx's variables
write_conf() {
	local tls="ssl_certificate $dir/tls/server.pem;
		ssl_certificate_key $dir/tls/server.key;"
	local rights='if ($right = "") { return 401; }
		set $asked "$right $request_method";
		if ($asked ~ "^put (?!PUT$)") { return 403; }'

	[ "$(id -u)" != 0 ] || echo "user root;"
	cat <<-EOT
		worker_processes 2;
		pid $dir/pid;
		error_log $dir/error.log;
		events {}
		http {
		access_log $dir/log;
		client_max_body_size 0;
		client_body_buffer_size 1m;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		map \$http_authorization \$right {
			default "";
			"Bearer $1" all;
			"Bearer $2" put;
		}
	EOT
	write_server "$3 ssl" "$tls
		ssl_client_certificate $dir/tls/ca.pem; ssl_verify_client on;"
	write_server "$4 ssl" "$tls $rights"
	write_server "$5" ""
	echo "}"
}

start() {
	local ports bearer bearer_put

	mkdir -p "$dir/files"
	dir=$(cd "$dir" && pwd)
	make_ca "$dir/tls"
	bearer=$(openssl rand -hex 16)
	bearer_put=$(openssl rand -hex 16)
	read -ra ports < <(free_ports 3)
	write_conf "$bearer" "$bearer_put" "${ports[@]}" >"$dir/conf"
	nginx -e "$dir/error.log" -c "$dir/conf" ||
		die "nginx did not start: $(tail -n 3 "$dir/error.log")"
	until_true 10 answers "http://127.0.0.1:${ports[2]}/" ||
		die "nginx does not answer"
	cat >"$dir/env" <<-EOT
		MTLS_URL=https://127.0.0.1:${ports[0]}
		BEARER_URL=https://127.0.0.1:${ports[1]}
		PLAIN_URL=http://127.0.0.1:${ports[2]}
		BEARER=$bearer
		BEARER_PUT=$bearer_put
		CA_FILE='$dir/tls/ca.pem'
		CLIENT_CERT='$dir/tls/client.pem'
		CLIENT_KEY='$dir/tls/client.key'
		NGINX_FILES='$dir/files'
		NGINX_LOG='$dir/log'
		NGINX_PID='$dir/pid'
	EOT
}

case $what in
start) start ;;
stop) stop_pid "$dir/pid" ;;
*) die "no such command: $what" ;;
esac
