# shellcheck shell=bash
# What containers.py runs beside the page's own blocks, in the root with Docker.
set -euo pipefail
site=https://chat.example.org
export HOME=/root

# Where something failed: which container, and why.
told() {
    local code=$?
    [ $code = 0 ] || (cd /srv/chatsite/deploy && docker compose ps -a && docker compose logs --tail 20) || true
    exit $code
}
trap told EXIT

say() {
    echo "TRIAL $* ($SECONDS s)"
}

visitor() {
    python3 /root/visitor.py "$site" "$@"
}

make_base_images() {
    # The site's name leads to this machine, from it and from every container.
    echo "127.0.0.1 localhost chat.example.org" >/etc/hosts
    local gateway
    gateway=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}')
    dnsmasq --listen-address="$gateway" --bind-interfaces --no-resolv --no-hosts --server=10.0.2.3 \
        --address="/chat.example.org/$gateway" --address="/mail.example.org/$gateway"
    # Which containers have from here.
    echo "nameserver $gateway" >/etc/resolv.conf
    python3 /root/mailserver.py "$gateway" &
    local suite image
    for suite in trixie bookworm; do
        docker image inspect "debian:$suite" >/dev/null 2>&1 \
            || docker import - "debian:$suite" <"/root/$suite.tar" >/dev/null
    done
    for image in python:3.13-slim-trixie postgres:17 redis:7 nginx:1.28; do
        docker build -q -t "$image" -f "/root/images/${image%%:*}.Dockerfile" /root/images >/dev/null
    done
    say "base images"
}

# $2 of the container of service $1, as docker inspect gives it.
is() {
    local found
    found=$(docker inspect -f "$2" "chatsite-$1-1")
    [ "$found" = "$3" ] || { echo "$1: $2 is $found instead of $3" >&2; exit 1; }
}

fails() {
    ! "$@" >/dev/null 2>&1 || { echo "This should have failed: $*" >&2; exit 1; }
}

somebody_talks() {
    say "the site serves"
    local link service
    link=$(docker compose exec -T web1 python manage.py first_admin_link)
    visitor admin "$link"
    visitor talk
    visitor look
    for service in web1 web2 nightly prepare; do
        is $service '{{.Config.User}}' 10001:10001
        is $service '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}' \
            'true [ALL] [no-new-privileges:true]'
        is $service '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' '1073741824 512'
    done
    for service in postgres redis web1 web2 nightly nginx; do
        is $service '{{.State.Health.Status}}' healthy
        is $service '{{.HostConfig.LogConfig}}' '{json-file map[max-file:5 max-size:10m]}'
    done
    [ "$(docker compose exec -T web1 id -u)" = 10001 ]
    # By the kernel, not only by Docker's word: no capability, and nothing but its own places to write to.
    docker compose exec -T web1 grep -Eqx 'CapEff:[[:space:]]0+' /proc/self/status
    fails docker compose exec -T web1 touch /opt/chatsite/x
    docker compose exec -T web1 touch /tmp/x
    # No tool left in it.
    local tool
    for tool in pip pip3 gcc cc make curl wget git; do
        fails docker compose exec -T web1 sh -c "command -v $tool"
    done
    fails docker compose exec -T web1 python -m pip
    fails docker compose exec -T web1 /usr/local/bin/python -m ensurepip
    docker stats --no-stream --format 'TRIAL {{.Name}} takes {{.MemUsage}}'
    docker image ls --format 'TRIAL the image {{.Repository}}:{{.Tag}} has {{.Size}}' chatsite
    say "the image and its containers are as promised"
}

the_new_version_serves() {
    [ "$(git log -1 --format=%s)" = "The new one" ]
    visitor look
    say "a new version"
}

the_nightly_jobs_run() {
    # Its own command, but that it does not wait for the night.
    local loop
    loop=$(docker inspect -f '{{index .Config.Cmd 2}}' chatsite-nightly-1 | sed 's/^while sleep [^;]*; do/for once in now; do/')
    [[ $loop == "for once in now; do"* ]]
    docker compose exec -T nightly sh -c "$loop" >/root/nightly.log 2>&1 || true
    cat /root/nightly.log
    fails grep "failed" /root/nightly.log
    # The file that was sent is in the backup; and then all is lost.
    docker compose exec -T nightly sh -c 'find /var/backups/chatsite/files -type f -size 3000000c | grep -q .'
    docker compose exec -T postgres psql -qU chatsite -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null
    docker compose exec -T web1 sh -c 'rm -rf /var/lib/chatsite/files'
    fails visitor look
    say "the nightly jobs"
}

all_is_back() {
    visitor look
    visitor say "After the restore."
    docker compose exec -T nightly python manage.py verify_transcripts --files
    say "restored"
}

backups_are_out() {
    find backups -name '*.backup' | grep -q .
}

one_is_away() {
    local number
    for number in 1 2; do
        docker compose stop -t 15 "web$number"
        visitor look
        visitor say "Without web$number."
        docker compose up -d --no-deps --wait "web$number"
    done
    say "one process after the other was stopped, and the other served"
}
