#!/bin/bash
# dockerd.sh ROOT: Docker in a root of its own, in the mount and network namespace in which containers.py starts this.
set -euo pipefail
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
    # Without a cgroup2 beside them, which some runtimes refuse.
    mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    for name in cpu cpuacct cpuset memory devices freezer blkio pids; do
        mkdir "$root/sys/fs/cgroup/$name"
        mount -t cgroup -o "$name" cgroup "$root/sys/fs/cgroup/$name"
    done
    mkdir "$root/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
fi
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
# Not chroot: what joins a container's namespace later has to find the container's root there.
cd "$root"
mkdir -p old
pivot_root . old
umount -l old
echo 1 >/proc/sys/net/ipv4/ip_forward
limit=$(ulimit -Hn)
exec dockerd --default-ulimit "nofile=$limit:$limit" >/var/log/dockerd.log 2>&1
