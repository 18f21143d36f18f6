"use strict";
// Every public name of the contracts has complete NatSpec: prints what lacks some, exit 1 if any does.
//
//   node build/natspec.js [FILE ...]
//
// Contracts, structs and their members, enums, events, errors, modifiers, constants and functions that can be called need a
// text; events, errors and functions also one for each parameter, and for each value that is returned. What is private needs a
// @dev text, unless it is a variable; what stands outside of contracts either.

const fs = require("fs");
const { listSources, readUnit } = require("./compile.js");

const NAMED = {
  StructDefinition: "struct",
  EnumDefinition: "enum",
  EventDefinition: "event",
  ErrorDefinition: "error",
  ModifierDefinition: "modifier",
  FunctionDefinition: "function",
  VariableDeclaration: "variable",
};

function textOf(node) {
  if (!node.documentation) return "";
  return typeof node.documentation === "string" ? node.documentation : node.documentation.text;
}

/** The lines of NatSpec right above a place: the parser's tree has none for variables and members. */
function textAbove(node, source) {
  const lines = Buffer.from(source).subarray(0, Number(node.src.split(":")[0])).toString().split("\n");
  lines.pop();
  const found = [];
  while (lines.length > 0 && lines.at(-1).trim().startsWith("///")) found.unshift(lines.pop().trim());
  return found.join("\n");
}

/** What the documentation of one node of a contract lacks. */
function lacks(node, source) {
  const text = node.nodeType === "VariableDeclaration" ? textAbove(node, source) : textOf(node);
  if (/@inheritdoc\s+\w+/.test(text)) return [];
  if (node.nodeType === "VariableDeclaration" && node.visibility !== "public") return [];
  const hidden = ["private", "internal"].includes(node.visibility) && node.kind !== "constructor";
  const missing = [];
  if (!(hidden ? /@(notice|dev)\s+\S/ : /@notice\s+\S/).test(text)) missing.push(hidden ? "@dev" : "@notice");
  if (hidden) return missing;
  for (const parameter of (node.parameters && node.parameters.parameters) || []) {
    if (parameter.name && !new RegExp(`@param\\s+${parameter.name}\\s+\\S`).test(text)) missing.push(`@param ${parameter.name}`);
  }
  const returned = (node.returnParameters && node.returnParameters.parameters) || [];
  if ((text.match(/@return\s+\S/g) || []).length < returned.length) missing.push("@return");
  return missing;
}

function check(solc, name, content) {
  const input = {
    language: "Solidity",
    sources: { [name]: { content } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors || []).filter((each) => each.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((each) => each.formattedMessage).join("\n"));
  const found = [];
  for (const node of output.sources[name].ast.nodes.filter((each) => each.nodeType in NAMED)) {
    const text = node.nodeType === "VariableDeclaration" ? textAbove(node, content) : textOf(node);
    if (!/@(notice|dev)\s+\S/.test(text)) found.push(`${name}: ${node.name}: @dev`);
  }
  for (const contract of output.sources[name].ast.nodes.filter((node) => node.nodeType === "ContractDefinition")) {
    if (!/@(title|notice)\s+\S/.test(textOf(contract))) found.push(`${name}: ${contract.name}: @title`);
    for (const node of contract.nodes.filter((each) => each.nodeType in NAMED)) {
      const label = `${name}: ${contract.name}.${node.name || node.kind}`;
      for (const missing of lacks(node, content)) found.push(`${label}: ${missing}`);
      if (node.nodeType === "StructDefinition" && contract.contractKind === "interface") {
        const bare = node.members.filter((member) => textAbove(member, content) === "");
        for (const member of bare) found.push(`${label}.${member.name}: no text`);
      }
    }
  }
  return found;
}

function main() {
  const solc = require("solc");
  const given = process.argv.slice(2);
  const sources = given.length > 0 ? given : ["src", "test-src", "examples"].flatMap(listSources);
  const read = given.length > 0 ? (name) => fs.readFileSync(name, "utf8") : readUnit;
  const found = sources.flatMap((name) => check(solc, name, read(name)));
  for (const line of found) process.stdout.write(`${line}\n`);
  process.stdout.write(`NatSpec: ${sources.length} files, ${found.length} gaps\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

main();
