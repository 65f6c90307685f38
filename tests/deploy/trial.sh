#!/bin/bash
# Run by systemd in the fresh root of install.py, without a network: what an operator does, and what must hold then.
set -euo pipefail
host=chat.example.org
export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels REQUESTS_CA_BUNDLE=/root/pebble/certificate.pem
cd /root

# The name leads here, and a real ACME server signs for it.
printf "127.0.0.1 localhost %s\n" "$host" >>/etc/hosts
pebble-challtestsrv -dns01 127.0.0.1:8053 -defaultIPv4 127.0.0.1 -defaultIPv6 '' -http01 '' -https01 '' -tlsalpn01 '' \
    -management 127.0.0.1:8055 >/root/names.log 2>&1 &
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config /root/pebble/config.json -dnsserver 127.0.0.1:8053 \
    >/root/pebble.log 2>&1 &

install() {
    chatsite/bin/install $host --acme https://127.0.0.1:14000/dir
}

# All that a second run might change: files and their times, units and since when they are what they are.
state() {
    find /etc /opt /usr/local /var/www -not -name '*.pyc' -not -name __pycache__ -not -path '/etc/ld.so*' \
        -printf '%p %u %g %m %y %s %T@\n' | sort
    systemctl show -p Id -p ActiveEnterTimestamp -p UnitFileState 'chatsite*' nginx postgresql redis-server
    (cd / && runuser -u postgres -- psql -qtAX chatsite -c 'SELECT count(*) FROM django_migrations')
}

trust() {
    python3 - <<'END'
import ssl, urllib.request
context = ssl.create_default_context(cafile="/root/pebble/certificate.pem")
root = urllib.request.urlopen("https://127.0.0.1:15000/roots/0", context=context).read()
open("/usr/local/share/ca-certificates/pebble.crt", "wb").write(root)
END
    update-ca-certificates >/dev/null 2>&1
}

ask() {
    python3 -c "import sys, urllib.request; print(urllib.request.urlopen('https://$host' + sys.argv[1]).status)" "$1"
}

apt-get install -qq -y --no-install-recommends python3 >/dev/null
trust
SECONDS=0
install
echo "TRIAL installed in $SECONDS s"
for number in 1 2; do
    kilobytes=$(awk '/^VmRSS/ {print $2}' "/proc/$(systemctl show -p MainPID --value chatsite@$number)/status")
    echo "TRIAL chatsite@$number takes $((kilobytes / 1024)) MB"
done
[ "$(ask /accounts/login/)" = 200 ]
/opt/chatsite/bin/chatsite first_admin_link | grep -q "^https://$host/setup/"

state >before
SECONDS=0
install
echo "TRIAL the second run took $SECONDS s"
state >after
diff before after
echo "TRIAL the second run changed nothing"

first=$(openssl x509 -noout -serial -in /etc/letsencrypt/live/$host/cert.pem)
certbot renew -q --force-renewal --no-random-sleep-on-renew
sleep 1
shown=$(openssl s_client -connect 127.0.0.1:443 -servername $host </dev/null 2>/dev/null | openssl x509 -noout -serial)
[ "$shown" != "$first" ]
echo "TRIAL the certificate was renewed, and is served"

SECONDS=0
/opt/chatsite/bin/chatsite upgrade /root/chatsite --no-backup
echo "TRIAL upgraded in $SECONDS s"
[ "$(ask /accounts/login/)" = 200 ]
/opt/chatsite/bin/chatsite rollback
[ "$(readlink /opt/chatsite)" = /opt/chatsite-versions/first ]
systemctl start chatsite-sweep chatsite-purge
echo "TRIAL rolled back; the nightly jobs run"
# One whose new code does not start, with systemd as it is.
cp -a chatsite broken
echo "raise SystemExit('This is broken.')" >broken/chatsite/asgi.py
! CHATSITE_READY_SECONDS=5 /opt/chatsite/bin/chatsite upgrade /root/broken --no-backup
[ "$(readlink /opt/chatsite)" = /opt/chatsite-versions/first ]
systemctl is-active -q chatsite@1 chatsite@2
[ "$(ask /accounts/login/)" = 200 ]
echo "TRIAL a version that does not start took nobody down"
