package main

import (
	"math/big"
	"math/rand"
)

// Bits of a record's kind that the sums read (docs/metrics.md A8).
const (
	active  = 1 << 0
	fill    = 1 << 1
	mark    = 1 << 3
	carry   = 1 << 4
	own     = 1 << 6
	maker   = 1 << 7
	closing = 1 << 8

	limbBits     = 12
	bufferOffset = 1 << 23
	valueOffset  = 1 << 47
)

// record is one account-statement line, fields as they stand in its 14 limbs.
type record struct {
	kind, times, buffer, notional, value uint64 // times: day, minute, exposure, 36 bits; buffer and value offset
}

// history makes a log as full_history of benchmarks/history.py does: fills, and one mark a day. It meets the thresholds
// of `publicWords`.
func history(count int) []record {
	random := rand.New(rand.NewSource(7))
	const days = 180
	records := make([]record, count)
	for i := range records {
		day := uint64(i * days / count)
		minute, exposure := uint64(random.Intn(1440)), uint64(random.Intn(60))
		kind, value := uint64(active|fill), -int64(random.Intn(200))
		notional := uint64(10_000 + random.Intn(10_000_000))
		switch {
		case i == count-1 || uint64((i+1)*days/count) != day:
			kind, value = active|mark, int64(random.Intn(100_000))-50_000
		case random.Intn(2) == 0:
			kind, value = kind|closing, int64(random.Intn(190_000))-80_000
		}
		if kind&fill != 0 && random.Intn(5) < 2 {
			kind |= maker
		}
		records[i] = record{
			kind:     kind,
			times:    day | minute<<12 | exposure<<24,
			buffer:   uint64(6_000+random.Intn(4_000)) + bufferOffset,
			notional: notional,
			value:    uint64(value + valueOffset),
		}
	}
	return records
}

// sums are the totals of docs/metrics.md B1 that the statement reads.
type sums struct {
	pnl, closePnl, closeSquare, volume *big.Int
	closes                             int64
}

func total(records []record) sums {
	s := sums{new(big.Int), new(big.Int), new(big.Int), new(big.Int), 0}
	for _, r := range records {
		value := big.NewInt(int64(r.value) - valueOffset)
		if r.kind&(fill|own|carry) != 0 {
			s.pnl.Add(s.pnl, value)
		}
		if r.kind&fill != 0 {
			s.volume.Add(s.volume, new(big.Int).SetUint64(r.notional))
		}
		if r.kind&closing != 0 {
			s.closes++
			s.closePnl.Add(s.closePnl, value)
			s.closeSquare.Add(s.closeSquare, new(big.Int).Mul(value, value))
		}
	}
	return s
}

// halves are the record's 14 limbs as two numbers of 84 bits: kind, buffer, notional; and day, minute, exposure, value.
func (r record) halves() (low, high *big.Int) {
	low = new(big.Int).SetUint64(r.notional)
	low.Lsh(low, 36).Or(low, new(big.Int).SetUint64(r.buffer<<12|r.kind))
	high = new(big.Int).SetUint64(r.value)
	return low, high.Lsh(high, 36).Or(high, new(big.Int).SetUint64(r.times))
}

// elements lays the records into the field elements that are hashed: one each, or end to end, 21 limbs to an element.
func elements(records []record, packed bool) []*big.Int {
	size := 2
	if packed {
		size = 3
	}
	var words []*big.Int
	var held uint
	for _, r := range records {
		low, high := r.halves()
		for _, half := range []*big.Int{low, high} {
			if held == 0 {
				words = append(words, new(big.Int))
			}
			last := words[len(words)-1]
			last.Or(last, half.Lsh(half, 84*held))
			held = (held + 1) % uint(size)
		}
	}
	return words
}
