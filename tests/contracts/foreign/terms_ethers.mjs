// Terms of an account: node terms_ethers.mjs RPC REGISTRY ACCOUNT
// --8<-- [start:lines]
import { readFileSync } from "node:fs";
import { Contract, JsonRpcProvider } from "ethers";

const [rpc, registry, account] = process.argv.slice(2);
const { abi } = JSON.parse(readFileSync("contracts/artifacts/TierGrants.json"));
const terms = await new Contract(registry, abi, new JsonRpcProvider(rpc)).effectiveTerms(account);
console.log(`maintenance margin: ${terms.maintenanceMarginBp} bp`);
console.log(`leverage: ${terms.maxLeverage}`);
process.exit();
// --8<-- [end:lines]
