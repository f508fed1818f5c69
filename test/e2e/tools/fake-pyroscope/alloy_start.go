package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Every flag of `alloy run`, one a line.
const flagsFile = "/flags"

var temporaryDirectory = regexp.MustCompile(`(?m)^\s*tmp_dir\s*= "([^"]*)"$`)

// startLikeAlloy ends as Alloy was seen to end: on a flag that it does not have, and where `pyroscope.java` would unpack its library
// into a directory without the sticky bit.
func startLikeAlloy(args []string) error {
	flags, err := os.ReadFile(flagsFile)
	if err != nil {
		return err
	}
	known := strings.Split(string(flags), "\n")
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(name, "-") && !slices.Contains(known, name) {
			return fmt.Errorf("Error: unknown flag: %s", name)
		}
	}
	// run CONFIG
	config, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	if !strings.Contains(string(config), "pyroscope.java ") {
		return nil
	}
	directory := "/tmp"
	if found := temporaryDirectory.FindSubmatch(config); found != nil {
		directory = string(found[1])
	}
	info, err := os.Stat(directory)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSticky == 0 {
		return fmt.Errorf("tmp dir %s has wrong permissions: mode=%04o sticky=false", directory, info.Mode().Perm())
	}
	return nil
}
