"use strict";
// Compiles every Solidity file of src/ and test-src/ and writes one JSON artifact per contract.
//
//   node compile.js [--out FOLDER]
//
// Contracts of src/ go to FOLDER/artifacts, those of test-src/ to FOLDER/test-artifacts (FOLDER: this one). Each file is
// compiled on its own with the files it imports, so that an artifact depends on nothing else; the same sources give the
// same bytes. Exit 1 and the compiler's messages on any error or warning.

const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const HERE = __dirname;
const SETTINGS = {
  evmVersion: "cancun", // what every chain and every EVM of the tests runs
  viaIR: true,
  optimizer: { enabled: true, runs: 10000 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"] } },
};

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

function compile(solc, sourceName) {
  const units = { [sourceName]: readUnit(sourceName) };
  const input = { language: "Solidity", sources: { [sourceName]: { content: units[sourceName] } }, settings: SETTINGS };
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
  if (messages.length > 0) throw new Error(messages.map((m) => m.formattedMessage).join("\n"));

  const hash = crypto.createHash("sha256");
  for (const name of Object.keys(units).sort()) {
    hash.update(`${name}\0${Buffer.byteLength(units[name])}\0${units[name]}`);
  }
  const sourceHash = hash.digest("hex");
  const artifacts = [];
  for (const [contractName, contract] of Object.entries(output.contracts[sourceName] || {})) {
    if (contract.evm.bytecode.object === "") continue; // an interface
    if (Object.keys(contract.evm.bytecode.linkReferences).length > 0) {
      throw new Error(`${sourceName}: ${contractName} needs linking, which the client does not do`);
    }
    artifacts.push({
      contractName,
      sourceName,
      sourceHash,
      solc: solc.version(),
      settings: { evmVersion: SETTINGS.evmVersion, viaIR: SETTINGS.viaIR, optimizer: SETTINGS.optimizer },
      // [start, length] in bytes of what the constructor fills in; zero in deployedBytecode
      immutables: Object.values(contract.evm.deployedBytecode.immutableReferences || {})
        .flat()
        .map(({ start, length }) => [start, length])
        .sort((a, b) => a[0] - b[0]),
      deployedSize: contract.evm.deployedBytecode.object.length / 2,
      abi: contract.abi,
      bytecode: `0x${contract.evm.bytecode.object}`,
      deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    });
  }
  return artifacts;
}

function main(args) {
  let out = HERE;
  if (args.length === 2 && args[0] === "--out") out = path.resolve(args[1]);
  else if (args.length > 0) throw new Error("usage: node compile.js [--out FOLDER]");
  let solc;
  try {
    solc = require("solc");
  } catch {
    throw new Error("the compiler is not installed; run: npm ci --prefix contracts");
  }
  for (const [sources, target] of [["src", "artifacts"], ["test-src", "test-artifacts"]]) {
    const written = new Map();
    for (const sourceName of listSources(sources)) {
      for (const artifact of compile(solc, sourceName)) {
        if (written.has(artifact.contractName)) throw new Error(`two contracts are called ${artifact.contractName}`);
        written.set(artifact.contractName, `${JSON.stringify(artifact, null, 1)}\n`);
      }
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

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
