package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/plonk"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/frontend/cs/scs"
	"github.com/consensys/gnark/test/unsafekzg"
)

// keys is one proof system after its setup.
type keys struct {
	srsSeconds, setupSeconds float64
	prove                    func(full witness.Witness) (io.WriterTo, error)
	verify                   func(proof io.WriterTo, public witness.Witness) error
}

// prove measures setup, proofs and verification of the statement on `count` records.
func prove(system string, count, width int, pack bool, runs int) (map[string]any, error) {
	builders := map[string]frontend.NewBuilder{"groth16": r1cs.NewBuilder[constraint.U64], "plonk": scs.NewBuilder[constraint.U64]}
	setups := map[string]func(constraint.ConstraintSystem) (keys, error){"groth16": setupGroth16, "plonk": setupPlonk}
	if builders[system] == nil {
		return nil, fmt.Errorf("unknown system %q: groth16 or plonk", system)
	}
	started := time.Now()
	circuit, err := frontend.Compile(ecc.BN254.ScalarField(), builders[system], blank(count, width, pack))
	if err != nil {
		return nil, err
	}
	compileSeconds := time.Since(started).Seconds()
	key, err := setups[system](circuit)
	if err != nil {
		return nil, err
	}
	assigned, err := assignment(history(count), width, pack)
	if err != nil {
		return nil, err
	}
	full, err := frontend.NewWitness(assigned, ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	public, err := full.Public()
	if err != nil {
		return nil, err
	}
	setupPeak := peakMemory()
	debug.FreeOSMemory() // what compiling and setup leave behind is not the prover's
	resetPeak()
	var proof io.WriterTo
	proving, err := repeat(runs, func() (err error) {
		proof, err = key.prove(full)
		return err
	})
	if err != nil {
		return nil, err
	}
	peak := peakMemory()
	verifying, err := repeat(20, func() error { return key.verify(proof, public) })
	if err != nil {
		return nil, err
	}
	var encoded bytes.Buffer
	if _, err := proof.WriteTo(&encoded); err != nil {
		return nil, err
	}
	result := proving.summary()
	for name, value := range map[string]any{
		"records": count, "constraints": circuit.GetNbConstraints(),
		"constraints_per_record": float64(circuit.GetNbConstraints()) / float64(count),
		"compile_seconds":        compileSeconds, "setup_seconds": key.setupSeconds, "srs_seconds": key.srsSeconds,
		"verify_seconds": verifying.summary()["median_seconds"], "proof_bytes": encoded.Len(),
		"peak_bytes": peak, "setup_peak_bytes": setupPeak, "poseidon2_width": width, "packed": pack,
	} {
		result[name] = value
	}
	return result, nil
}

func setupGroth16(circuit constraint.ConstraintSystem) (keys, error) {
	started := time.Now()
	pk, vk, err := groth16.Setup(circuit)
	return keys{
		setupSeconds: time.Since(started).Seconds(),
		prove: func(full witness.Witness) (io.WriterTo, error) {
			return groth16.Prove(circuit, pk, full)
		},
		verify: func(proof io.WriterTo, public witness.Witness) error {
			return groth16.Verify(proof.(groth16.Proof), vk, public)
		},
	}, err
}

func setupPlonk(circuit constraint.ConstraintSystem) (keys, error) {
	started := time.Now()
	canonical, lagrange, err := unsafekzg.NewSRS(circuit)
	if err != nil {
		return keys{}, err
	}
	srsSeconds := time.Since(started).Seconds()
	started = time.Now()
	pk, vk, err := plonk.Setup(circuit, canonical, lagrange)
	return keys{
		srsSeconds:   srsSeconds,
		setupSeconds: time.Since(started).Seconds(),
		prove: func(full witness.Witness) (io.WriterTo, error) {
			return plonk.Prove(circuit, pk, full)
		},
		verify: func(proof io.WriterTo, public witness.Witness) error {
			return plonk.Verify(proof.(plonk.Proof), vk, public)
		},
	}, err
}

// resetPeak makes the kernel count the peak from now on; without it (not Linux) the peak includes the setup.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMemory is the largest resident size in bytes since the last reset; 0 where the system does not tell.
func peakMemory() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes * 1024
		}
	}
	return 0
}
