#!/usr/bin/env node
"use strict";
// The pinned compiler as the `solc` that analysers start: `--version`, and `--standard-json` from stdin to stdout.
//
// Files that a source imports are read as compile.js does. Only trees and ABIs are made: an analyser of sources looks at no
// code, which would take minutes, so all of it is empty here.

const fs = require("fs");
const solc = require("solc");
const { readUnit } = require("./compile.js");

const EMPTY = { object: "", sourceMap: "" };

function imported(name) {
  try {
    return { contents: readUnit(name) };
  } catch (error) {
    return { error: `${name}: ${error.code}` };
  }
}

function parsed(input) {
  const settings = { ...input.settings, outputSelection: { "*": { "*": ["abi"], "": ["ast"] } } };
  const output = JSON.parse(solc.compile(JSON.stringify({ ...input, settings }), { import: imported }));
  for (const contracts of Object.values(output.contracts || {})) {
    for (const contract of Object.values(contracts)) contract.evm = { bytecode: EMPTY, deployedBytecode: EMPTY };
  }
  return output;
}

if (process.argv.includes("--version")) process.stdout.write(`solc\nVersion: ${solc.version()}\n`);
else process.stdout.write(JSON.stringify(parsed(JSON.parse(fs.readFileSync(0, "utf8")))));
