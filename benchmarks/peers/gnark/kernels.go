package main

import (
	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
)

// kernels measures one multi-scalar multiplication of full width and one FFT of 2^logSize, on all cores.
func kernels(logSize, runs int) (map[string]any, error) {
	size := 1 << logSize
	scalars := make([]fr.Element, size)
	for i := range scalars {
		if _, err := scalars[i].SetRandom(); err != nil {
			return nil, err
		}
	}
	_, _, generator, _ := bn254.Generators()
	points := bn254.BatchScalarMultiplicationG1(&generator, scalars)
	var sum bn254.G1Jac
	msm, err := repeat(runs, func() error {
		_, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{})
		return err
	})
	if err != nil {
		return nil, err
	}
	// from natural order to bit-reversed: what gnark's own provers call, without the permutation
	domain := fft.NewDomain(uint64(size))
	transform, err := repeat(runs, func() error {
		domain.FFT(scalars, fft.DIF)
		return nil
	})
	if err != nil {
		return nil, err
	}
	// to natural order, as the other kernels of this benchmark give it
	natural, err := repeat(runs, func() error {
		domain.FFT(scalars, fft.DIF)
		fft.BitReverse(scalars)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"msm": msm.summary(), "ntt": transform.summary(), "ntt_natural_order": natural.summary()}, nil
}
