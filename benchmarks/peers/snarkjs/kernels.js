// node kernels.js LOG RUNS: one multi-scalar multiplication of full width and one FFT of 2^LOG over BN254 with the
// arithmetic of snarkjs (ffjavascript: WebAssembly, a worker a core), as JSON on stdout.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { curves } from "snarkjs";

const [log, runs] = process.argv.slice(2).map(Number);
if (!(log >= 1 && log <= 18 && runs >= 1)) {
  console.error("usage: node kernels.js LOG RUNS (log2 of the size, 1 to 18; measured runs)");
  process.exit(2);
}

// Seconds, best and median, of `runs` runs after one that is not counted.
async function measured(work) {
  await work();
  const seconds = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await work();
    seconds.push((performance.now() - started) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return { seconds: seconds[0], median_seconds: seconds[runs >> 1], runs };
}

const curve = await curves.getCurveFromName("bn128");
const { Fr, G1 } = curve;
const size = 2 ** log;
const generators = new Uint8Array(size * G1.F.n8 * 2);
const scalars = new Uint8Array(size * Fr.n8); // plain form for the sum of points, as snarkjs calls it
const values = new Uint8Array(size * Fr.n8); // Montgomery form for the transform
const generator = G1.toAffine(G1.g);
for (let i = 0; i < size; i++) {
  const random = Fr.random();
  generators.set(generator, i * generator.byteLength);
  values.set(random, i * Fr.n8);
  scalars.set(Fr.fromMontgomery(random), i * Fr.n8);
}
const points = await G1.batchApplyKey(generators, Fr.random(), Fr.random()); // k a^i G
const msm = await measured(() => G1.multiExpAffine(points, scalars));
const ntt = await measured(() => Fr.fft(values));
const version = JSON.parse(readFileSync(new URL("node_modules/snarkjs/package.json", import.meta.url), "utf8")).version;
console.log(JSON.stringify({ msm, ntt, versions: { snarkjs: version, node: process.versions.node }, cores: cpus().length }));
await curve.terminate();
process.exit(0);
