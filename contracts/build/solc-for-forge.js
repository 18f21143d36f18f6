#!/usr/bin/env node
"use strict";
// The pinned npm compiler with the face of the `solc` program, as forge asks for it: `--version`, and `--standard-json` with
// every source in the input. Other arguments say where sources lie, and are not needed. Of contracts of src/ no code is made:
// what is tested is what compile.js made of them.

const fs = require("fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (process.argv.includes("--standard-json")) {
  const input = JSON.parse(fs.readFileSync(0, "utf8"));
  const asked = input.settings.outputSelection;
  const tested = Object.keys(input.sources).filter((name) => !/^(src|node_modules)\//.test(name));
  input.settings.outputSelection = Object.fromEntries(tested.map((name) => [name, asked[name] || asked["*"]]));
  process.stdout.write(solc.compile(JSON.stringify(input)));
} else {
  process.stderr.write("usage: solc-for-forge.js --version | --standard-json < INPUT\n");
  process.exitCode = 1;
}
