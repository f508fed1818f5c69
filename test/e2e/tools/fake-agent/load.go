package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// namedAttr is programAttr up to the name.
type namedAttr struct {
	programType, length   uint32
	instructions, license unsafe.Pointer
	logLevel, logSize     uint32
	logBuffer             uint64
	kernelVersion, flags  uint32
	name                  [16]byte
}

// beLoader loads programs by their names, each with a number that goes into its instructions and so into its tag, and keeps
// them until it is asked to end.
func beLoader(args []string) error {
	for ; len(args) >= 2; args = args[2:] {
		result, err := strconv.ParseInt(args[1], 10, 32)
		if err != nil {
			return err
		}
		if err := loadNamed(args[0], int32(result)); err != nil {
			return fmt.Errorf("load program %s: %w", args[0], err)
		}
	}
	fmt.Println("loaded")
	awaitTermination()
	return nil
}

func loadNamed(name string, result int32) error {
	code := []instruction{
		{0xb7, 0x00, 0, result}, // r0 = result
		{0x95, 0x00, 0, 0},      // exit
	}
	license := []byte("GPL\x00")
	attr := namedAttr{
		programType: unix.BPF_PROG_TYPE_SOCKET_FILTER, length: uint32(len(code)),
		instructions: unsafe.Pointer(&code[0]), license: unsafe.Pointer(&license[0]),
	}
	copy(attr.name[:15], name)
	_, err := bpf(unix.BPF_PROG_LOAD, &attr)
	return err
}

// tryPerfEvents prints what somebody without capabilities may measure: the kernel, whole CPUs, or only what is his own.
func tryPerfEvents() error {
	open := func(pid, cpu int, bits uint64) string {
		fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{
			Type:   unix.PERF_TYPE_SOFTWARE,
			Config: unix.PERF_COUNT_SW_CPU_CLOCK,
			Size:   uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
			Sample: 99,
			Bits:   bits | unix.PerfBitFreq | unix.PerfBitDisabled,
		}, pid, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
		if err != nil {
			return err.Error()
		}
		unix.Close(fd)
		return "ok"
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]string{
		"kernel":   open(0, -1, 0),
		"wholeCPU": open(-1, 0, unix.PerfBitExcludeKernel),
		"itself":   open(0, -1, unix.PerfBitExcludeKernel),
	})
}
