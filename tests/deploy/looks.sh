# shellcheck shell=bash disable=SC2154
# What docs.py has looked at between the page's blocks. SC2154: $site and $host are in world.sh.

somebody_talks() {
    say "by hand: the site serves"
    answers /accounts/login/ 200
    memory
    local link
    link=$(bin/chatsite first_admin_link)
    [[ $link == "$site/setup/"* ]]
    visitor admin "$link"
    visitor talk
    all_is_there
}

# Every message as it was, in the session of then, and the file as nginx sends it.
all_is_there() {
    answers /accounts/login/ 200
    visitor look
}

a_mail_came() {
    grep -q '^To: you@example.org' /root/mails/*
}

the_timers_do_it_too() {
    systemctl is-active -q chatsite-backup.timer chatsite-purge.timer chatsite-sweep.timer
    systemctl start chatsite-backup chatsite-purge chatsite-sweep
    # Two of them now, of which the rotation keeps the day's newest.
    [ "$(find /var/backups/chatsite -name '*.backup' | wc -l)" = 1 ]
    # For the site's user alone.
    [ -z "$(find /var/backups/chatsite -perm /077)" ]
}

all_is_lost() {
    (cd / && runuser -u postgres -- psql -qX chatsite -c 'DROP OWNED BY chatsite')
    rm -rf /var/lib/chatsite/files
    if visitor look 2>/dev/null; then exit 1; fi
}

all_is_back() {
    all_is_there
    find /var/lib/chatsite/files -type f | head -1 | xargs runuser -u www-data -- test -r
    visitor say "After the restore."
    say "restored"
}

it_runs() {
    [[ $(readlink /opt/chatsite) == "/opt/chatsite-versions/$1"* ]]
    systemctl is-active -q chatsite@1 chatsite@2
    all_is_there
    say "runs $1"
}

caddy_instead_of_nginx() {
    systemctl disable -q --now nginx
    apt-get install -qq -y --no-install-recommends caddy >/dev/null
    sed -i '/^FILES_ACCEL=/d' /etc/chatsite/environment
    bin/chatsite restart
}

# In the block it is the last command, for which Caddy is led to our ACME server.
systemctl() {
    if [ "$*" = "restart caddy" ]; then
        sed -i '0,/^{/s//{\n\tacme_ca https:\/\/127.0.0.1:14000\/dir/' /etc/caddy/Caddyfile
    fi
    command systemctl "$@"
}

caddy_serves() {
    local tries
    for tries in {1..30}; do
        ! answers /accounts/login/ 200 2>/dev/null || break
        sleep 1
    done
    say "Caddy serves after $tries tries"
    all_is_there
    bin/chatsite doctor
}
