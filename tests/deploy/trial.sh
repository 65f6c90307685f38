#!/bin/bash
# Run by systemd in the fresh root of install.py: what an operator does, and what must hold then.
set -euo pipefail
# shellcheck source=tests/deploy/world.sh
. /root/world.sh
begin_the_world
cd /root

# All that a second run might change: files and their times, units and since when they are what they are.
state() {
    find /etc /opt /usr/local /var/www -not -name '*.pyc' -not -name __pycache__ -not -path '/etc/ld.so*' \
        -printf '%p %u %g %m %y %s %T@\n' | sort
    systemctl show -p Id -p ActiveEnterTimestamp -p UnitFileState 'chatsite*' nginx postgresql redis-server
    (cd / && runuser -u postgres -- psql -qtAX chatsite -c 'SELECT count(*) FROM django_migrations')
}

SECONDS=0
bash install.sh | tee installed
say "installed"
memory
answers /accounts/login/ 200
visitor admin "$(tail -1 installed)"
visitor talk
visitor look
if /opt/chatsite/bin/chatsite first_admin_link; then exit 1; fi

state >before
SECONDS=0
bash install.sh
say "the second run"
state >after
diff before after
say "the second run changed nothing"

first=$(openssl x509 -noout -serial -in "/etc/letsencrypt/live/$host/cert.pem")
certbot renew -q --force-renewal --no-random-sleep-on-renew
sleep 1
shown=$(openssl s_client -connect 127.0.0.1:443 -servername "$host" </dev/null 2>/dev/null | openssl x509 -noout -serial)
[ "$shown" != "$first" ]
say "the certificate was renewed, and is served"

SECONDS=0
/opt/chatsite/bin/chatsite upgrade /root/chatsite --no-backup
say "upgraded"
visitor look
/opt/chatsite/bin/chatsite rollback
[ "$(readlink /opt/chatsite)" = /opt/chatsite-versions/first ]
systemctl start chatsite-sweep chatsite-purge
say "rolled back; the nightly jobs run"
# One whose new code does not start, with systemd as it is.
cp -a chatsite broken
echo "raise SystemExit('This is broken.')" >broken/chatsite/asgi.py
if CHATSITE_READY_SECONDS=5 /opt/chatsite/bin/chatsite upgrade /root/broken --no-backup; then exit 1; fi
[ "$(readlink /opt/chatsite)" = /opt/chatsite-versions/first ]
systemctl is-active -q chatsite@1 chatsite@2
visitor look
say "a version that does not start took nobody down"
