# shellcheck shell=bash
# Begun by each trial inside the fresh root: what is there before an operator comes, and what they see of the site then.
host=chat.example.org
site=https://$host
# As a log-in has it.
export HOME=/root DEBIAN_FRONTEND=noninteractive

begin_the_world() {
    # The names lead here, and a real ACME server signs for them.
    printf "127.0.0.1 localhost %s mail.example.org\n" "$host" >>/etc/hosts
    PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config /root/pebble/config.json -dnsserver 127.0.0.1:8053 \
        >/root/pebble.log 2>&1 &
    pebble-challtestsrv -dns01 127.0.0.1:8053 -defaultIPv4 127.0.0.1 -defaultIPv6 '' -http01 '' -https01 '' \
        -tlsalpn01 '' -management 127.0.0.1:8055 >/root/names.log 2>&1 &
    # Of root's certbot alone: the package brings a file for the machine.
    mkdir -p /root/.config/letsencrypt
    echo "server = https://127.0.0.1:14000/dir" >/root/.config/letsencrypt/cli.ini
    until apt-get update -qq -o APT::Update::Error-Mode=any; do sleep 1; done
    apt-get install -qq -y --no-install-recommends python3 python3-aiosmtpd >/dev/null
    # Of pebble itself, and then of what it signs.
    update-ca-certificates >/dev/null 2>&1
    python3 - <<'END'
import ssl, urllib.request
root = urllib.request.urlopen("https://127.0.0.1:15000/roots/0", context=ssl.create_default_context()).read()
open("/usr/local/share/ca-certificates/signs.crt", "wb").write(root)
END
    update-ca-certificates >/dev/null 2>&1
    python3 /root/mailserver.py 127.0.0.1 >/root/mailserver.log 2>&1 &
}

say() {
    echo "TRIAL $* ($SECONDS s)"
}

answers() {
    python3 - "$site$1" "$2" <<'END'
import sys, urllib.error, urllib.request
try:
    status = urllib.request.urlopen(sys.argv[1]).status
except urllib.error.HTTPError as error:
    status = error.code
assert status == int(sys.argv[2]), f"{sys.argv[1]} answers {status}"
END
}

visitor() {
    python3 /root/visitor.py "$site" "$@"
}

memory() {
    local number kilobytes
    for number in 1 2; do
        kilobytes=$(awk '/^VmRSS/ {print $2}' "/proc/$(systemctl show -p MainPID --value chatsite@$number)/status")
        say "chatsite@$number takes $((kilobytes / 1024)) MB"
    done
}
