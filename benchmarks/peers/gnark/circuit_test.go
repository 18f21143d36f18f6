package main

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/test"
)

// A peer that proves less than it says would be no peer: each lie below must be refused.
func TestStatement(t *testing.T) {
	for _, pack := range []bool{true, false} {
		const count, width = 190, 8 // at least one mark for each of 180 days
		lies := map[string]func(s *Statement){
			"digest": func(s *Statement) { s.Digest = 1 },
			"closes": func(s *Statement) { s.Closes = count },
			"volume": func(s *Statement) { s.Volume = int64(1) << 50 },
			"sharpe": func(s *Statement) { s.Sharpe = 1_000_000 },
			"gain":   func(s *Statement) { s.Gain = int64(1) << 50 },
			"margin": func(s *Statement) { s.Buffer = 9_999 + bufferOffset },
			"record": func(s *Statement) { s.Records[3].Value = valueOffset },
			// these two keep the digest and the sums as they are
			"limb too wide": func(s *Statement) {
				s.Records[0].Times = s.Records[0].Times.(uint64) + 1<<36
				s.Records[0].Value = s.Records[0].Value.(uint64) - 1
				s.Gain = new(big.Int).Sub(s.Gain.(*big.Int), big.NewInt(1))
			},
			"bits no bits": func(s *Statement) { s.Records[3].Bits[9], s.Records[3].Bits[10] = 2, -1 },
		}
		field := ecc.BN254.ScalarField()
		honest := func() *Statement {
			s, err := assignment(history(600)[:count], width, pack)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if err := test.IsSolved(blank(count, width, pack), honest(), field); err != nil {
			t.Fatal("honest:", err)
		}
		for name, lie := range lies {
			s := honest()
			lie(s)
			if test.IsSolved(blank(count, width, pack), frontend.Circuit(s), field) == nil {
				t.Error("accepted:", name, "packed:", pack)
			}
		}
	}
}
