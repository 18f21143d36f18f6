package main

import (
	"math/big"

	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/std/rangecheck"
)

// wires are the secret numbers of one record; the kind is the sum of its bits, active is always set.
type wires struct {
	Bits                           [11]frontend.Variable // bits 1 to 11 of kind
	Times, Buffer, Notional, Value frontend.Variable
}

// Statement is the whole statement of the peer (README.md beside this file): range checks, digest of all records, sums,
// margin buffer of every record, and the Sharpe inequality of executed trades (docs/metrics.md C2).
type Statement struct {
	Digest  frontend.Variable `gnark:",public"`
	Buffer  frontend.Variable `gnark:",public"` // least margin buffer, with its offset
	Sharpe  frontend.Variable `gnark:",public"` // T of M3, 1/10^4
	Closes  frontend.Variable `gnark:",public"` // T' of M3
	Volume  frontend.Variable `gnark:",public"` // T of M10, cents
	Gain    frontend.Variable // G of C2
	Records []wires
	width   int  // of Poseidon2
	packed  bool // three records to two field elements, otherwise one to one
}

func pow2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// shifted is a + 2^n b.
func shifted(api frontend.API, a frontend.Variable, n uint, b frontend.Variable) frontend.Variable {
	return api.Add(a, api.Mul(b, pow2(n)))
}

// signed is flag times (value - 2^47): one gate in PLONK, one constraint in R1CS.
func signed(api frontend.API, flag, value frontend.Variable) frontend.Variable {
	return api.MulAcc(api.Mul(flag, -valueOffset), value, flag)
}

// sum is one addition of many terms: in R1CS as one linear combination, copied once.
func sum(api frontend.API, terms []frontend.Variable) frontend.Variable {
	return api.Add(0, 0, terms...)
}

// Define writes the constraints.
func (s *Statement) Define(api frontend.API) error {
	ranges := rangecheck.New(api, rangecheck.WithBaseLength(limbBits))
	n := len(s.Records)
	pnl, volume := make([]frontend.Variable, n), make([]frontend.Variable, n)
	closes, closePnl, closeSquare := make([]frontend.Variable, n), make([]frontend.Variable, n), make([]frontend.Variable, n)
	words, held := []frontend.Variable{}, frontend.Variable(0)
	for i, r := range s.Records {
		var kind frontend.Variable = active
		for j, bit := range r.Bits {
			api.AssertIsBoolean(bit)
			kind = shifted(api, kind, uint(j+1), bit)
		}
		// 13 limbs, looked up one by one: gnark splits these numbers into limbs of 12 bits
		ranges.Check(r.Times, 36)
		ranges.Check(r.Buffer, 24)
		ranges.Check(r.Value, 48)
		ranges.Check(r.Notional, 48)
		low := shifted(api, shifted(api, kind, 12, r.Buffer), 36, r.Notional) // 84 bits
		high := shifted(api, r.Times, 36, r.Value)                            // 84 bits
		switch {
		case s.packed && i%3 == 1:
			words = append(words, shifted(api, held, 168, low))
			held = high
		case s.packed && i%3 == 2:
			words, held = append(words, shifted(api, shifted(api, held, 84, low), 168, high)), 0
		default:
			held = shifted(api, low, 84, high)
			if !s.packed {
				words = append(words, held)
			}
		}
		isFill, isCarry, isOwn, isClosing := r.Bits[0], r.Bits[3], r.Bits[5], r.Bits[7]
		performance := api.Add(isFill, isOwn, isCarry)
		pnl[i] = signed(api, performance, r.Value)
		volume[i] = api.Mul(isFill, r.Notional)
		closes[i] = isClosing
		closePnl[i] = signed(api, isClosing, r.Value)
		closeSquare[i] = signed(api, closePnl[i], r.Value)
		ranges.Check(api.Sub(r.Buffer, s.Buffer), 24) // M5
	}
	if s.packed && n%3 != 0 {
		words = append(words, held)
	}
	api.AssertIsEqual(digest(api, words, s.width), s.Digest)

	w := sum(api, closes)
	ranges.Check(api.Sub(w, s.Closes), 24)
	ranges.Check(api.Sub(sum(api, volume), s.Volume), 84)
	square := sum(api, closePnl)
	v := api.Sub(api.Mul(w, sum(api, closeSquare)), api.Mul(square, square))
	ranges.Check(api.Sub(v, 1), 132)
	ranges.Check(s.Gain, 84)
	ranges.Check(api.Sub(sum(api, pnl), s.Gain), 84)
	// 10^8 G^2 (W^2 - W2) >= T^2 W^2 V, with W2 = W; W^2 > W follows from T' >= 30
	w2 := api.Mul(w, w)
	left := api.Mul(api.Mul(s.Gain, s.Gain), api.Sub(w2, w), 100_000_000)
	right := api.Mul(api.Mul(s.Sharpe, s.Sharpe), api.Mul(w2, v))
	ranges.Check(api.Sub(left, right), 228)
	return nil
}

// blank is the shape of the circuit for `count` records.
func blank(count, width int, pack bool) *Statement {
	return &Statement{Records: make([]wires, count), width: width, packed: pack}
}

// assignment fills it from a log.
func assignment(records []record, width int, pack bool) (*Statement, error) {
	s := blank(len(records), width, pack)
	hash, err := digestNative(elements(records, pack), width)
	if err != nil {
		return nil, err
	}
	for i, r := range records {
		w := &s.Records[i]
		for j := range w.Bits {
			w.Bits[j] = r.kind >> (j + 1) & 1
		}
		w.Times, w.Buffer, w.Notional, w.Value = r.times, r.buffer, r.notional, r.value
	}
	s.Digest, s.Gain = hash, total(records).pnl
	s.Buffer, s.Sharpe, s.Closes, s.Volume = 1_000+bufferOffset, 1, 30, 1
	return s, nil
}
