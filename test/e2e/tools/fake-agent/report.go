package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

type report struct {
	Process    process            `json:"process"`
	Status     status             `json:"status"`
	Sysctls    map[string]string  `json:"sysctls"`
	Mounts     []mount            `json:"mounts"`
	Writable   map[string]outcome `json:"writable"`
	Rlimits    map[string]rlimit  `json:"rlimits"`
	Target     *target            `json:"target"`
	Operations map[string]outcome `json:"operations"`
	APIServer  map[string]answer  `json:"apiServer"`
	Gateway    map[string]answer  `json:"gateway"`
}

func makeReport(flags map[string]string, push string) report {
	found := findTarget()
	r := report{
		Process: readProcess(),
		Status:  readStatus(),
		Sysctls: readSysctls(),
		Mounts:  readMounts(),
		Rlimits: map[string]rlimit{"memlock": readMemlock()},
		Target:  found,
	}
	var group sync.WaitGroup
	group.Go(func() { r.Writable = each(directories(flags), attempt) })
	group.Go(func() { r.Operations = each(operations(found, flags["config-path"]), attempt) })
	group.Go(func() { r.APIServer = askAPIServer(flags["node"]) })
	switch push {
	case "1":
		group.Go(func() { r.Gateway = askGateway(flags) })
	case "pods":
		group.Go(func() {
			var err error
			if r.Gateway, err = pushPods(flags); err != nil {
				r.Gateway = map[string]answer{"pushPods": {Error: err.Error()}}
			}
		})
	}
	group.Wait()
	return r
}

type process struct {
	PID int `json:"pid"`
	// Name of the process with id 1: the host's init only in the host's PID namespace.
	Init string `json:"init"`
}

func readProcess() process {
	return process{os.Getpid(), strings.TrimSpace(read("/proc/1/comm"))}
}

type status struct {
	UID        int    `json:"uid"`
	GID        int    `json:"gid"`
	CapEff     string `json:"capEff"`
	CapBnd     string `json:"capBnd"`
	CapPrm     string `json:"capPrm"`
	CapInh     string `json:"capInh"`
	CapAmb     string `json:"capAmb"`
	NoNewPrivs int    `json:"noNewPrivs"`
	Seccomp    int    `json:"seccomp"`
}

func readStatus() status {
	fields := statusFields("self")
	number := func(name string) int {
		value, err := strconv.Atoi(fields[name])
		if err != nil {
			return -1
		}
		return value
	}
	return status{
		os.Getuid(), os.Getgid(),
		fields["CapEff"], fields["CapBnd"], fields["CapPrm"], fields["CapInh"], fields["CapAmb"],
		number("NoNewPrivs"), number("Seccomp"),
	}
}

func statusFields(pid string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(read("/proc/" + pid + "/status")) {
		name, value, _ := strings.Cut(line, ":")
		fields[name] = strings.TrimSpace(value)
	}
	return fields
}

// readSysctls tells which operations can fail at all for want of a capability. Those that the kernel lacks are missing.
func readSysctls() map[string]string {
	sysctls := map[string]string{}
	for _, name := range []string{
		"kernel.kptr_restrict", "kernel.perf_event_paranoid", "kernel.unprivileged_bpf_disabled", "kernel.yama.ptrace_scope",
	} {
		if value := read("/proc/sys/" + strings.ReplaceAll(name, ".", "/")); value != "" {
			sysctls[name] = strings.TrimSpace(value)
		}
	}
	return sysctls
}

type mount struct {
	MountPoint string   `json:"mountPoint"`
	FSType     string   `json:"fsType"`
	Root       string   `json:"root"`
	Options    []string `json:"options"`
}

// readMounts parses lines like "36 35 98:0 /root /mountpoint rw,noatime master:1 - ext4 /dev/root rw".
func readMounts() []mount {
	mounts := []mount{}
	for line := range strings.Lines(read("/proc/self/mountinfo")) {
		fields := strings.Fields(line)
		if separator := slices.Index(fields, "-"); separator >= 6 && separator+1 < len(fields) {
			mounts = append(mounts, mount{fields[4], fields[separator+1], fields[3], strings.Split(fields[5], ",")})
		}
	}
	return mounts
}

// directories of which none should be writable.
func directories(flags map[string]string) map[string]trial {
	attempts := map[string]trial{}
	for _, directory := range []string{
		"/", "/tmp", "/etc", "/sys/kernel/tracing", "/var/run/secrets", serviceAccount,
		filepath.Dir(flags["config-path"]), filepath.Dir(flags["remote-store-bearer-token-file"]), filepath.Dir(os.Getenv("SSL_CERT_FILE")),
	} {
		if !filepath.IsAbs(directory) {
			continue
		}
		attempts[directory] = func() (string, error) {
			file, err := os.CreateTemp(directory, ".fake-")
			if err != nil {
				return "", err
			}
			return "", errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}
	return attempts
}

type rlimit struct {
	Soft string `json:"soft"`
	Hard string `json:"hard"`
}

func readMemlock() rlimit {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return rlimit{err.Error(), err.Error()}
	}
	// No number: infinity is more than a JSON number holds in most languages.
	text := func(value uint64) string {
		if value == math.MaxUint64 {
			return "unlimited"
		}
		return fmt.Sprint(value)
	}
	return rlimit{text(limit.Cur), text(limit.Max)}
}

type target struct {
	PID int `json:"pid"`
	UID int `json:"uid"`
}

// findTarget needs no capability: command lines and owners are open to everyone.
func findTarget() *target {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || !strings.HasPrefix(read("/proc/"+name+"/cmdline"), targetName) {
			continue
		}
		uid := -1
		if uids := strings.Fields(statusFields(name)["Uid"]); len(uids) > 0 {
			uid, _ = strconv.Atoi(uids[0])
		}
		return &target{pid, uid}
	}
	return nil
}

// read gives the empty string for what cannot be read.
func read(path string) string {
	content, _ := os.ReadFile(path)
	return string(content)
}
