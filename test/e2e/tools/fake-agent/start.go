package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

const (
	// Every flag of the program that this is a fake of, one a line. Where it is missing, this is a server for other tests.
	flagsFile = "/flags"

	// Is there in images of the generation of the agent for kernels before 5.10.
	previousGenerationFile = "/previous-generation"

	// The same on every kernel, see include/linux/proc_ns.h.
	initialPIDNamespace = "pid:[4026531836]"
)

// startLikeTheAgent ends as the real agents were seen to end: on a flag that they do not have, in a PID namespace that is not
// the machine's, and, without an error, where the previous generation cannot write to /tmp.
func startLikeTheAgent(args []string) error {
	if _, err := os.Stat(flagsFile); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := refuseUnknown(args); err != nil {
		return err
	}
	if _, err := os.Stat(previousGenerationFile); err == nil {
		if err := os.Mkdir("/tmp/optimized_symtabs", 0o644); err != nil && !errors.Is(err, os.ErrExist) {
			fmt.Fprintf(os.Stderr, "level=error err=%q\n", err)
			os.Exit(0)
		}
		return nil
	}
	if namespace, err := os.Readlink("/proc/self/ns/pid"); err != nil || namespace != initialPIDNamespace {
		return fmt.Errorf("system analysis request was not handled for pid %d", os.Getpid())
	}
	return nil
}

func refuseUnknown(args []string) error {
	known := strings.Split(read(flagsFile), "\n")
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown flag %s", name)
		}
	}
	return nil
}
