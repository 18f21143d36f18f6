// Command gnark measures gnark and gnark-crypto for benchmarks.peers: one JSON object on stdout, the rest on stderr.
//
//	gnark kernels -log 16 -runs 9
//	gnark prove -system groth16 -records 4096 -runs 3
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/consensys/gnark/logger"
)

// timing is what one thing took in several runs: wall clock, and processor time of all threads, which other work on the
// machine changes less.
type timing struct{ wall, processor []float64 }

func (t timing) summary() map[string]any {
	wall, processor := slices.Sorted(slices.Values(t.wall)), slices.Sorted(slices.Values(t.processor))
	return map[string]any{
		"seconds": wall[0], "median_seconds": wall[len(wall)/2], "cpu_seconds": processor[0], "runs": len(wall),
	}
}

// repeat runs f once unmeasured and then `runs` times.
func repeat(runs int, f func() error) (timing, error) {
	var out timing
	for i := range runs + 1 {
		started, used := time.Now(), processorSeconds()
		if err := f(); err != nil {
			return timing{}, err
		}
		if i > 0 {
			out.wall = append(out.wall, time.Since(started).Seconds())
			out.processor = append(out.processor, processorSeconds()-used)
		}
	}
	return out, nil
}

// processorSeconds is the processor time of this process so far, all threads.
func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// versions of the modules that do the work, as the binary was linked.
func versions() map[string]string {
	out := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		out["go"] = strings.TrimPrefix(info.GoVersion, "go")
		for _, module := range info.Deps {
			switch module.Path {
			case "github.com/consensys/gnark", "github.com/consensys/gnark-crypto":
				out[module.Path[strings.LastIndex(module.Path, "/")+1:]] = module.Version
			}
		}
	}
	return out
}

func run(arguments []string) (map[string]any, error) {
	if len(arguments) == 0 {
		return nil, fmt.Errorf("usage: gnark kernels|prove [flags]")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	runs := flags.Int("runs", 3, "measured runs, after one that is not")
	logSize := flags.Int("log", 16, "kernels: log2 of the size")
	system := flags.String("system", "groth16", "prove: groth16 or plonk")
	count := flags.Int("records", 1024, "prove: records")
	width := flags.Int("width", 16, "prove: width of Poseidon2: 8, 12 or 16")
	pack := flags.Bool("pack", true, "prove: hash three records as two field elements")
	if err := flags.Parse(arguments[1:]); err != nil {
		return nil, err
	}
	if *runs < 1 || *logSize < 1 || *logSize > 24 || *count < 64 || *count > 1<<20 {
		return nil, fmt.Errorf("runs: at least 1; log: 1 to 24; records: 64 to 2^20")
	}
	switch arguments[0] {
	case "kernels":
		return kernels(*logSize, *runs)
	case "prove":
		return prove(*system, *count, *width, *pack, *runs)
	}
	return nil, fmt.Errorf("unknown command %q: kernels or prove", arguments[0])
}

func main() {
	logger.Disable()
	result, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
	result["versions"] = versions()
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}
