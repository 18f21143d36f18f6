// Terms of an account: node terms_viem.mjs RPC REGISTRY ACCOUNT
// --8<-- [start:lines]
import { readFileSync } from "node:fs";
import { createPublicClient, http } from "viem";

const [rpc, registry, account] = process.argv.slice(2);
const { abi } = JSON.parse(readFileSync("contracts/artifacts/TierGrants.json"));
const node = createPublicClient({ transport: http(rpc) });
const terms = await node.readContract({ address: registry, abi, functionName: "effectiveTerms", args: [account] });
console.log(`maintenance margin: ${terms.maintenanceMarginBp} bp`);
console.log(`leverage: ${terms.maxLeverage}`);
// --8<-- [end:lines]
