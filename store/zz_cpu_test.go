package store_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func clientCPU() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

func serverCPU() float64 {
	var sum float64
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		s := string(b)
		i := strings.LastIndex(s, ")")
		if i < 0 || !strings.Contains(s[:i], "(postgres") {
			continue
		}
		x := strings.Fields(s[i+2:])
		u, _ := strconv.ParseFloat(x[11], 64)
		v, _ := strconv.ParseFloat(x[12], 64)
		sum += (u + v) / 100
	}
	return sum
}
