// What both scripts are given on stdin and print: JSON, whole numbers as strings of decimal digits.

import { readFileSync } from "node:fs";

const DECIMAL = /^-?\d+$/;

/** What Python asks for; strings of decimal digits are whole numbers. */
export function task() {
  const whole = (_, value) => (typeof value === "string" && DECIMAL.test(value) ? BigInt(value) : value);
  return JSON.parse(readFileSync(0, "utf8"), whole);
}

/** A decoded value by position: structs are lists, numbers are strings, hexadecimal is lower case. */
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") return Object.values(value).map(plain);
  if (typeof value === "bigint" || typeof value === "number") return value.toString();
  return typeof value === "string" && value.startsWith("0x") ? value.toLowerCase() : value;
}

/** EIP-712 types as the registry's documents name them. */
export const TYPES = {
  Root: [
    ["uint256", "root"],
    ["bytes32", "attestorSet"],
    ["uint32", "generation"],
    ["uint32", "firstDay"],
    ["uint32", "lastDay"],
    ["uint64", "validUntil"],
    ["uint256", "feed"],
    ["bytes32", "rules"],
  ],
  Consent: [
    ["address", "account"],
    ["address", "from"],
    ["bytes32", "series"],
    ["uint256", "nullifier"],
    ["uint16", "initialMarginBp"],
    ["uint16", "maintenanceMarginBp"],
    ["int24", "takerFee"],
    ["int24", "makerFee"],
    ["uint16", "maxLeverage"],
    ["uint32", "limit"],
    ["uint32", "leastLastDay"],
    ["uint64", "deadline"],
  ],
};

/** The fields of one of them, as both libraries take them. */
export const typed = (name) => ({ [name]: TYPES[name].map(([type, field]) => ({ name: field, type })) });
