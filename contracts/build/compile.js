"use strict";
// Compiles every Solidity file of src/, examples/ and test-src/ and writes one JSON artifact per contract.
//
//   node build/compile.js [--out FOLDER] [--generated FILE]
//
// Contracts of src/ go to FOLDER/artifacts, those of examples/ to FOLDER/example-artifacts, those of test-src/ to
// FOLDER/test-artifacts (FOLDER: contracts); what nobody can call (interfaces, abstract contracts, libraries of internal
// functions) has none. Each file is compiled on its own with the files it imports, so that an artifact depends on nothing
// else; the same sources give the same bytes. Written in place, an artifact of the same sources, compiler and settings is
// kept as it is and not compiled anew. With --generated only that file is compiled, as if it lay in src/generated, and its artifacts go to FOLDER.
// Exit 1 and the compiler's messages on any error or warning; exit 3 where a contract is larger than a chain takes.

const crypto = require("crypto");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { Worker, isMainThread, parentPort } = require("worker_threads");

const HERE = path.dirname(__dirname);
const EVM_VERSION = "cancun"; // what every chain and every EVM of the tests runs
const OUTPUT = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object", "evm.deployedBytecode.linkReferences", "evm.deployedBytecode.immutableReferences", "evm.methodIdentifiers"];
const WRITTEN_BY_HAND = {
  evmVersion: EVM_VERSION,
  viaIR: true,
  optimizer: { enabled: true, runs: 10000 },
};
// The generator has ordered and shared everything already. The Yul optimizer would share memory reads through stack
// variables, more than the EVM can reach; and it would replace the one variable that holds the field's order by its 32 bytes.
// `runs` weighs bytes against gas where the constant optimizer shortens labels and powers of two (docs/decisions/0012).
const WRITTEN_BY_GENERATOR = {
  evmVersion: EVM_VERSION,
  viaIR: false,
  optimizer: {
    enabled: true,
    runs: 500,
    details: {
      peephole: true,
      jumpdestRemover: true,
      deduplicate: true,
      inliner: false,
      orderLiterals: false,
      cse: false,
      constantOptimizer: true,
      yul: false,
    },
  },
};
// An engine does much in one contract: bytes come before gas.
const EXAMPLE = { ...WRITTEN_BY_HAND, optimizer: { enabled: true, runs: 200 } };
const FOLDERS = { src: "artifacts", examples: "example-artifacts", "test-src": "test-artifacts" };
const GENERATED = "src/generated/";
const TOO_LARGE = "5574"; // the compiler's number of its warning, "Contract code size is .. bytes and exceeds .."

function listSources(folder) {
  const found = [];
  const root = path.join(HERE, folder);
  if (!fs.existsSync(root)) return found;
  for (const entry of fs.readdirSync(root, { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...listSources(name));
    else if (entry.name.endsWith(".sol")) found.push(name);
  }
  return found.sort();
}

function readUnit(name) {
  const file = name.startsWith("@") ? path.join(HERE, "node_modules", name) : path.join(HERE, name);
  return fs.readFileSync(file, "utf8");
}

function settingsOf(sourceName) {
  if (sourceName.startsWith(GENERATED)) return WRITTEN_BY_GENERATOR;
  return sourceName.startsWith("examples/") ? EXAMPLE : WRITTEN_BY_HAND;
}

function compile(solc, sourceName, content = readUnit(sourceName)) {
  const units = { [sourceName]: content };
  const outputSelection = { [sourceName]: { "*": OUTPUT } }; // of what it imports, no code is made
  const settings = settingsOf(sourceName);
  const input = { language: "Solidity", sources: { [sourceName]: { content } }, settings: { ...settings, outputSelection } };
  const imports = (name) => {
    try {
      units[name] = readUnit(name);
      return { contents: units[name] };
    } catch (error) {
      return { error: `${name}: ${error.code}; run: npm ci --prefix contracts` };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imports }));
  const messages = output.errors || [];
  const size = messages.find((m) => m.errorCode === TOO_LARGE);
  if (size) throw tooLarge(sourceName, size.message);
  if (messages.length > 0) throw new Error(messages.map((m) => m.formattedMessage).join("\n"));

  const sourceHash = hashOf(units);
  const artifacts = [];
  for (const [contractName, contract] of Object.entries((output.contracts || {})[sourceName] || {})) {
    if (contract.evm.bytecode.object === "") continue; // an interface
    // a library of internal functions; the ABI lacks those that take storage
    if (Object.keys(contract.evm.methodIdentifiers).length === 0) continue;
    const deployed = contract.evm.deployedBytecode;
    artifacts.push({
      contractName,
      sourceName,
      sourceHash,
      solc: solc.version(),
      settings: { evmVersion: settings.evmVersion, viaIR: settings.viaIR, optimizer: settings.optimizer },
      // [start, length] in bytes of what the constructor fills in; zero in deployedBytecode
      immutables: Object.values(deployed.immutableReferences || {})
        .flat()
        .map(({ start, length }) => [start, length])
        .sort((a, b) => a[0] - b[0]),
      // links: {library: {bytecode: [start, ..], deployedBytecode: [start, ..]}}: where its 20 bytes of address belong; zero here
      ...linksOf(contract.evm),
      deployedSize: deployed.object.length / 2,
      abi: contract.abi,
      bytecode: `0x${unlinked(contract.evm.bytecode.object)}`,
      deployedBytecode: `0x${unlinked(deployed.object)}`,
    });
  }
  return artifacts;
}

function hashOf(units) {
  const hash = crypto.createHash("sha256");
  for (const name of Object.keys(units).sort()) {
    hash.update(`${name}\0${Buffer.byteLength(units[name])}\0${units[name]}`);
  }
  return hash.digest("hex");
}

/** Texts of a source and of all that it imports, by name, as the compiler asks for them. */
function closureOf(sourceName, units = {}) {
  if (sourceName in units) return units;
  units[sourceName] = readUnit(sourceName);
  for (const [, target] of units[sourceName].matchAll(/^import\b[^;"]*"([^"]+)";/gm)) {
    closureOf(target.startsWith(".") ? path.posix.join(path.posix.dirname(sourceName), target) : target, units);
  }
  return units;
}

/** Artifacts in FOLDER by the name of their source. */
function artifactsIn(folder) {
  const found = new Map();
  for (const target of Object.values(FOLDERS)) {
    const names = fs.existsSync(path.join(folder, target)) ? fs.readdirSync(path.join(folder, target)) : [];
    for (const name of names.filter((name) => name.endsWith(".json"))) {
      const artifact = JSON.parse(fs.readFileSync(path.join(folder, target, name), "utf8"));
      found.set(artifact.sourceName, [...(found.get(artifact.sourceName) || []), artifact]);
    }
  }
  return found;
}

/** Whether compiling would give these artifacts again. */
function isCurrent(artifacts, sourceName, version) {
  const sourceHash = hashOf(closureOf(sourceName));
  const settings = JSON.stringify(settingsOf(sourceName));
  return artifacts.every(
    (artifact) =>
      artifact.sourceHash === sourceHash && artifact.solc === version && JSON.stringify(artifact.settings) === settings,
  );
}

/** Code with zeros where addresses of libraries belong. */
function unlinked(code) {
  return code.replace(/__\$[0-9a-f]{34}\$__/g, "0".repeat(40));
}

function linksOf(evm) {
  const links = {};
  for (const part of ["bytecode", "deployedBytecode"]) {
    for (const libraries of Object.values(evm[part].linkReferences)) {
      for (const [name, places] of Object.entries(libraries)) {
        links[name] = links[name] || {};
        links[name][part] = places.map(({ start }) => start).sort((a, b) => a - b);
      }
    }
  }
  return Object.keys(links).length > 0 ? { links } : {};
}

function tooLarge(sourceName, said) {
  const [found, limit] = said.match(/\d+(?= bytes)/g);
  const error = new Error(`${path.basename(sourceName, ".sol")} has ${found} bytes of code, a chain takes ${limit}`);
  error.exitCode = 3;
  return error;
}

function compiler() {
  try {
    return require("solc");
  } catch {
    throw new Error("the compiler is not installed; run: npm ci --prefix contracts");
  }
}

/** Artifacts of every source by its name: one compiler a core, each takes the next source that is not known. */
async function compileAll(sourceNames, known, version) {
  const isKnown = (name) => known.has(name) && isCurrent(known.get(name), name, version);
  const found = new Map(sourceNames.filter(isKnown).map((name) => [name, known.get(name)]));
  const waiting = sourceNames.filter((name) => !found.has(name));
  const workers = Array.from({ length: Math.min(os.availableParallelism(), waiting.length) }, () => new Worker(__filename));
  const done = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        const next = () => (waiting.length > 0 ? worker.postMessage(waiting.shift()) : resolve());
        worker.on("message", ({ sourceName, artifacts, failed }) => {
          if (failed) reject(Object.assign(new Error(failed.message), failed));
          found.set(sourceName, artifacts);
          next();
        });
        worker.on("error", reject);
        next();
      }),
  );
  try {
    await Promise.all(done);
  } finally {
    for (const worker of workers) worker.terminate();
  }
  return found;
}

function work() {
  const solc = compiler();
  parentPort.on("message", (sourceName) => {
    try {
      parentPort.postMessage({ sourceName, artifacts: compile(solc, sourceName) });
    } catch (error) {
      parentPort.postMessage({ failed: { message: error.message, exitCode: error.exitCode } });
    }
  });
}

async function main(args) {
  const options = { "--out": HERE };
  for (let i = 0; i < args.length; i += 2) {
    if (!["--out", "--generated"].includes(args[i]) || i + 1 === args.length) {
      throw new Error("usage: node build/compile.js [--out FOLDER] [--generated FILE]");
    }
    options[args[i]] = path.resolve(args[i + 1]);
  }
  const out = options["--out"];
  const solc = compiler();
  if (options["--generated"]) {
    const file = options["--generated"];
    for (const artifact of compile(solc, GENERATED + path.basename(file), fs.readFileSync(file, "utf8"))) {
      fs.writeFileSync(path.join(out, `${artifact.contractName}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
      process.stdout.write(`${artifact.contractName}.json\n`);
    }
    return;
  }
  const known = out === HERE ? artifactsIn(out) : new Map();
  const artifacts = await compileAll(Object.keys(FOLDERS).flatMap(listSources), known, solc.version());
  for (const [sources, target] of Object.entries(FOLDERS)) {
    const written = new Map();
    for (const artifact of listSources(sources).flatMap((name) => artifacts.get(name))) {
      if (written.has(artifact.contractName)) throw new Error(`two contracts are called ${artifact.contractName}`);
      written.set(artifact.contractName, `${JSON.stringify(artifact, null, 1)}\n`);
    }
    const folder = path.join(out, target);
    fs.mkdirSync(folder, { recursive: true });
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith(".json") && !written.has(path.basename(name, ".json"))) fs.unlinkSync(path.join(folder, name));
    }
    for (const [contractName, text] of written) {
      fs.writeFileSync(path.join(folder, `${contractName}.json`), text);
      process.stdout.write(`${target}/${contractName}.json\n`);
    }
  }
}

module.exports = { listSources, readUnit };

if (!isMainThread) {
  work();
} else if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode || 1;
  });
}
