#!/bin/sh
# Says in one sentence why this node cannot run the Parca Agent. Reads only.
set -u
root=${NODE_ROOT:-}

stop() {
  echo "This node cannot run the Parca Agent: $1"
  exit 1
}

number_in() {
  value=$(cat "$root$1" 2>/dev/null) || value=0
  echo "${value:-0}"
}

kernel=$(cat "$root/proc/sys/kernel/osrelease")

# 1. A node that is a container itself, as those of kind, k3d and minikube's docker driver are.
pid_namespace=$(readlink "$root/proc/self/ns/pid" 2>/dev/null)
if [ "${pid_namespace:-pid:[4026531836]}" != 'pid:[4026531836]' ]; then
  stop "it is a container in another machine: eBPF programs see process ids of that machine. Run the cluster on a machine or a virtual machine."
fi

if [ "$MODE" = leastPrivilege ]; then
  # 2. Old kernels cannot load the programs.
  major=${kernel%%.*}
  rest=${kernel#*.}
  minor=${rest%%[!0-9]*}
  if [ "$major" -lt 5 ] || { [ "$major" -eq 5 ] && [ "$minor" -lt 10 ]; }; then
    stop "its kernel $kernel is older than 5.10. Upgrade it, or declare a node pool with a fallback for such nodes."
  fi

  # 3. Distributions patch perf_event_open to demand SYS_ADMIN above a threshold; mainline kernels do not.
  paranoid=$(number_in /proc/sys/kernel/perf_event_paranoid)
  threshold=99
  case $(cat "$root/proc/version" 2>/dev/null) in
    *Ubuntu*) threshold=3 ;;
    *Debian* | *debian* | *hardened*) threshold=2 ;;
  esac
  if [ "$paranoid" -gt "$threshold" ]; then
    stop "kernel.perf_event_paranoid is $paranoid, above which this distribution's kernel demands SYS_ADMIN. Set it to 2 on the node."
  fi

  # 4. Hidden from everybody, whatever their capabilities.
  if [ "$(number_in /proc/sys/kernel/kptr_restrict)" -ge 2 ]; then
    stop "kernel.kptr_restrict is 2, which hides kernel symbols even from SYSLOG. Set it to 1 on the node."
  fi

  # 5. Lockdown, before tracefs: it makes tracefs unreadable as well.
  if grep -q 'lockdown=confidentiality' "$root/proc/cmdline" 2>/dev/null; then
    stop "kernel lockdown is in confidentiality mode, which forbids eBPF to read memory. Boot it with lockdown=integrity."
  fi

  # 6. tracefs.
  if [ ! -d "$root/sys/kernel/tracing/events" ]; then
    stop "tracefs is not mounted at /sys/kernel/tracing. Mount it on the node: mount -t tracefs nodev /sys/kernel/tracing."
  fi
  if ! cat "$root/sys/kernel/tracing/events/sched/sched_process_exit/id" >/dev/null 2>&1; then
    stop "tracefs cannot be read. Kernel lockdown in confidentiality mode does that, and so does a security module."
  fi

  # 7. Pods are told apart by their cgroup path, which a private cgroup namespace shortens.
  if cat "$root"/proc/[0-9]*/cgroup 2>/dev/null | grep -q '/pod[0-9a-f-]*/' \
    && ! cat "$root"/proc/[0-9]*/cgroup 2>/dev/null | grep -q kubepods; then
    stop "the kubelet uses the cgroupfs driver with cgroup v2, which hides from the agent which pod a process belongs to. Switch kubelet and container runtime to the systemd driver."
  fi
fi

# 8. The pool says that the runtime lifts the limit, so the agent got no capability to do it itself.
memlock=$(sed -n 's/^Max locked memory *\([^ ]*\).*/\1/p' "$root/proc/self/limits" 2>/dev/null)
if [ "$MODE" = leastPrivilege ] && [ "${MEMLOCK:-limited}" = unlimited ] && [ "${memlock:-unlimited}" != unlimited ]; then
  stop "its container runtime limits locked memory to $memlock bytes. Set LimitMEMLOCK=infinity for the runtime, or remove memlock: unlimited from the node pool."
fi

# 9. A security module that forbids ptrace hides every other process.
profile=$(cat "$root/proc/self/attr/apparmor/current" 2>/dev/null || cat "$root/proc/self/attr/current" 2>/dev/null | tr -d '\000')
case "$profile" in
  '' | unconfined* | kernel | *:spc_t:* | *:unconfined_t:*) ;;
  "$APPARMOR_PROFILE" | "$APPARMOR_PROFILE "*) ;;
  *:*:*:*) stop "SELinux runs it as $profile, which may not trace other processes. Allow the type spc_t in this namespace." ;;
  *) stop "AppArmor confines it with $profile, which may not trace other processes. Allow unconfined pods here, or load a profile with ptrace and name it in appArmorProfile." ;;
esac

echo "This node can run the Parca Agent: kernel $kernel."
