package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// operations by name, and the capabilities without which each fails. Where these are more than one, they are so in the
// agent, too: who may not look into a process does not get at its files either.
func operations(t *target, configPath string) map[string]trial {
	on := func(try func(pid int) (string, error)) trial {
		return func() (string, error) {
			if t == nil {
				return "", fmt.Errorf("no process is called %s", targetName)
			}
			return try(t.PID)
		}
	}
	return map[string]trial{
		"createMap":         createMap,                     // BPF
		"loadProgram":       loadProgram,                   // BPF, PERFMON
		"lockMemory":        startLimited("lock-memory"),   // IPC_LOCK
		"openMappedFile":    on(openMappedFile),            // CHECKPOINT_RESTORE, DAC_READ_SEARCH, SYS_PTRACE
		"openPerfEvent":     countClock,                    // PERFMON
		"raiseMemlock":      startLimited("raise-memlock"), // SYS_RESOURCE
		"readKernelSymbols": readKernelSymbols,             // SYSLOG
		"readPrivateFile":   on(readPrivateFile),           // DAC_READ_SEARCH, SYS_PTRACE
		"runProgram":        runProgram,                    // BPF, PERFMON
		"traceProcess":      on(traceProcess),              // SYS_PTRACE

		// No capability: mounted, and root's own.
		"readConfig":     func() (string, error) { return readSome(configPath) },
		"readTracepoint": func() (string, error) { return readSome("/sys/kernel/tracing/events/sched/sched_process_exit/id") },

		// What the agent has no business with, and the capability that would allow it.
		"killOther":     on(killOther),     // KILL
		"listPrograms":  listPrograms,      // SYS_ADMIN
		"loadModule":    loadModule,        // SYS_MODULE
		"mountTmpfs":    mountTmpfs,        // SYS_ADMIN
		"rawSocket":     rawSocket,         // NET_RAW
		"tracefsWrite":  writeTracefs,      // none: the mount must be read-only
		"writeHostFile": on(writeHostFile), // DAC_OVERRIDE
	}
}

// The heads of the variants of union bpf_attr in linux/bpf.h. The kernel takes the rest for zero.
type (
	mapAttr struct {
		mapType, keySize, valueSize, maxEntries, flags uint32
	}
	programAttr struct {
		programType, length   uint32
		instructions, license unsafe.Pointer
	}
	elementAttr struct {
		mapFD, _   uint32
		key, value unsafe.Pointer
	}
	idAttr struct {
		start, next, flags uint32
	}
	instruction struct {
		code, registers uint8
		offset          int16
		immediate       int32
	}
)

func bpf[Attr any](command uintptr, attr *Attr) (int, error) {
	result, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
	if errno != 0 {
		return -1, errno
	}
	return int(result), nil
}

func createMap() (string, error) {
	// Arrays and hashes are for everyone where kernel.unprivileged_bpf_disabled is 0; this type never is.
	fd, err := bpf(unix.BPF_MAP_CREATE, &mapAttr{unix.BPF_MAP_TYPE_LPM_TRIE, 8, 8, 16, unix.BPF_F_NO_PREALLOC})
	if err != nil {
		return "", fmt.Errorf("create map: %w", err)
	}
	return "", unix.Close(fd)
}

// loadCounter loads a program that counts its runs in the only element of a map. The caller closes both.
func loadCounter() (program, counter int, err error) {
	if counter, err = bpf(unix.BPF_MAP_CREATE, &mapAttr{unix.BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0}); err != nil {
		return -1, -1, fmt.Errorf("create map: %w", err)
	}
	code := []instruction{
		{0x62, 0x0a, -4, 0},             // *(u32 *)(r10 - 4) = 0
		{0xbf, 0xa2, 0, 0},              // r2 = r10
		{0x07, 0x02, 0, -4},             // r2 += -4
		{0x18, 0x11, 0, int32(counter)}, // r1 = the map
		{0x00, 0x00, 0, 0},              // (second half)
		{0x85, 0x00, 0, 1},              // r0 = bpf_map_lookup_elem(r1, r2)
		{0x15, 0x00, 2, 0},              // if r0 == 0 skip 2
		{0xb7, 0x01, 0, 1},              // r1 = 1
		{0xdb, 0x10, 0, 0},              // lock *(u64 *)r0 += r1
		{0xb7, 0x00, 0, 0},              // r0 = 0
		{0x95, 0x00, 0, 0},              // exit
	}
	license := []byte("GPL\x00")
	program, err = bpf(unix.BPF_PROG_LOAD, &programAttr{
		unix.BPF_PROG_TYPE_PERF_EVENT, uint32(len(code)), unsafe.Pointer(&code[0]), unsafe.Pointer(&license[0]),
	})
	if err != nil {
		unix.Close(counter)
		return -1, -1, fmt.Errorf("load program: %w", err)
	}
	return program, counter, nil
}

func loadProgram() (string, error) {
	program, counter, err := loadCounter()
	if err != nil {
		return "", err
	}
	return "", errors.Join(unix.Close(program), unix.Close(counter))
}

// openPerfEvent asks for every process and for the kernel, which takes PERFMON from kernel.perf_event_paranoid 1 on:
// 1 guards events of whole CPUs, 2 the kernel's samples as well. From 3 on, Debian's and Ubuntu's kernels refuse it
// to all but SYS_ADMIN; at 0 and below anyone may.
func openPerfEvent() (int, error) {
	fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{
		Type:   unix.PERF_TYPE_SOFTWARE,
		Config: unix.PERF_COUNT_SW_CPU_CLOCK,
		Size:   uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Sample: 99,
		Bits:   unix.PerfBitFreq | unix.PerfBitDisabled,
	}, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("perf_event_open: %w", err)
	}
	return fd, nil
}

func countClock() (string, error) {
	event, err := openPerfEvent()
	if err != nil {
		return "", err
	}
	defer unix.Close(event)
	if err := unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		return "", fmt.Errorf("enable event: %w", err)
	}
	time.Sleep(50 * time.Millisecond)
	count := make([]byte, 8)
	if _, err := unix.Read(event, count); err != nil {
		return "", fmt.Errorf("read event: %w", err)
	}
	return fmt.Sprintf("%d ns of CPU 0 in 50 ms", binary.NativeEndian.Uint64(count)), nil
}

func runProgram() (string, error) {
	program, counter, err := loadCounter()
	if err != nil {
		return "", err
	}
	defer unix.Close(program)
	defer unix.Close(counter)
	event, err := openPerfEvent()
	if err != nil {
		return "", err
	}
	defer unix.Close(event)
	if err := unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_SET_BPF, program); err != nil {
		return "", fmt.Errorf("attach program: %w", err)
	}
	if err := unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		return "", fmt.Errorf("enable event: %w", err)
	}
	time.Sleep(200 * time.Millisecond)
	var key uint32
	var runs uint64
	if _, err := bpf(unix.BPF_MAP_LOOKUP_ELEM, &elementAttr{
		mapFD: uint32(counter), key: unsafe.Pointer(&key), value: unsafe.Pointer(&runs),
	}); err != nil {
		return "", fmt.Errorf("read map: %w", err)
	}
	if runs == 0 {
		return "", errors.New("the program was attached and never ran")
	}
	return fmt.Sprintf("%d runs in 200 ms", runs), nil
}

// readKernelSymbols takes SYSLOG at kernel.kptr_restrict 0 with kernel.perf_event_paranoid above 1, and at 1. At 2 nobody
// sees an address.
func readKernelSymbols() (string, error) {
	file, err := os.Open("/proc/kallsyms")
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for count := 0; count < 10_000 && lines.Scan(); count++ {
		if address, symbol, _ := strings.Cut(lines.Text(), " "); strings.Trim(address, "0") != "" {
			// Not the address itself: it would tell where the kernel is.
			return "address of" + symbol[strings.LastIndex(symbol, " "):], nil
		}
	}
	return "", errors.Join(lines.Err(), errors.New("every address in /proc/kallsyms is 0"))
}

// firstMapping is where the executable starts.
func firstMapping(pid int) (from, to uintptr, err error) {
	path := fmt.Sprintf("/proc/%d/maps", pid)
	maps, err := os.ReadFile(path)
	if err == nil {
		if _, scanErr := fmt.Sscanf(string(maps), "%x-%x", &from, &to); scanErr != nil {
			err = fmt.Errorf("%s: %w", path, scanErr)
		}
	}
	return from, to, err
}

func traceProcess(pid int) (string, error) {
	from, _, err := firstMapping(pid)
	if err != nil {
		return "", err
	}
	// Newer kernels show maps to whoever has PERFMON, but memory they do not.
	magic := make([]byte, 4)
	local := []unix.Iovec{{Base: &magic[0]}}
	local[0].SetLen(len(magic))
	if _, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: from, Len: len(magic)}}, 0); err != nil {
		return "", fmt.Errorf("process_vm_readv: %w", err)
	}
	return fmt.Sprintf("%q at %x", magic, from), nil
}

func openMappedFile(pid int) (string, error) {
	from, to, err := firstMapping(pid)
	if err != nil {
		return "", err
	}
	return readSome(fmt.Sprintf("/proc/%d/map_files/%x-%x", pid, from, to))
}

func inRootOf(pid int, path string) string {
	return filepath.Join(fmt.Sprintf("/proc/%d/root", pid), path)
}

func readPrivateFile(pid int) (string, error) {
	return readSome(inRootOf(pid, targetFile))
}

func readSome(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	start := make([]byte, 16)
	n, err := file.Read(start)
	return fmt.Sprintf("%q", start[:n]), err
}

// writeHostFile stops short of writing.
func writeHostFile(pid int) (string, error) {
	return openForWriting(inRootOf(pid, targetFile))
}

// killOther asks only whether it may.
func killOther(pid int) (string, error) {
	return "", unix.Kill(pid, 0)
}

func writeTracefs() (string, error) {
	return openForWriting("/sys/kernel/tracing/trace_marker")
}

func openForWriting(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	return "", file.Close()
}

// limited operations run in a process of their own, with little memory to lock and without a way back.
var limited = map[string]func() error{
	"lock-memory": func() error {
		return os.NewSyscallError("mlock", unix.Mlock(make([]byte, 4*limitedMemlock)))
	},
	"raise-memlock": func() error {
		return os.NewSyscallError("prlimit", unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}, nil))
	},
}

// Smaller than what any runtime starts containers with.
const limitedMemlock = 16 << 10

func startLimited(mode string) trial {
	return func() (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		if output, err := exec.CommandContext(ctx, "/proc/self/exe", mode).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s (%w)", strings.TrimSpace(string(output)), err)
		}
		return "", nil
	}
}

func runLimited(try func() error) error {
	if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: limitedMemlock, Max: limitedMemlock}, nil); err != nil {
		return fmt.Errorf("lower the limit: %w", err)
	}
	return try()
}

func listPrograms() (string, error) {
	_, err := bpf(unix.BPF_PROG_GET_NEXT_ID, &idAttr{})
	if errors.Is(err, unix.ENOENT) {
		return "allowed, and there are none", nil
	}
	return "", err
}

func loadModule() (string, error) {
	err := unix.InitModule([]byte("no module"), "")
	if errors.Is(err, unix.ENOEXEC) {
		return "allowed, and found to be no module", nil
	}
	return "", err
}

func mountTmpfs() (string, error) {
	// Every container has it, and no other operation uses it meanwhile.
	const directory = "/dev/shm"
	if err := unix.Mount("fake", directory, "tmpfs", 0, ""); err != nil {
		return "", err
	}
	return "", unix.Unmount(directory, unix.MNT_DETACH)
}

func rawSocket() (string, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		return "", err
	}
	return "", unix.Close(fd)
}
