// viem does what Python asks on stdin, and prints what it saw: see test_foreign_clients.py.

import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createTestClient,
  createWalletClient,
  decodeErrorResult,
  decodeEventLog,
  hashTypedData,
  http,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { plain, task, typed } from "./plain.mjs";

const asked = task();
const { registry: address, abi, views, samples, refusals } = asked;
const connection = { chain: foundry, transport: http(asked.rpc), pollingInterval: 20 };
const node = createPublicClient(connection);
const clock = createTestClient({ ...connection, mode: "anvil" });
const keys = Object.fromEntries(Object.entries(asked.keys).map(([name, key]) => [name, privateKeyToAccount(key)]));

const { domain } = await node.getEip712Domain({ address });
const { salt, ...named } = domain; // all zero: the domain has none
const read = (functionName, args = []) => node.readContract({ address, abi, functionName, args });
const readAll = async () => {
  const answers = [];
  for (const [name, args] of views) answers.push(plain(await read(name, args)));
  return answers;
};
const digest = (primaryType, message) => hashTypedData({ domain: named, types: typed(primaryType), primaryType, message });
const sign = (key, primaryType, message) =>
  key.signTypedData({ domain: named, types: typed(primaryType), primaryType, message });

async function send(key, functionName, args) {
  const wallet = createWalletClient({ ...connection, account: keys[key] });
  const { request, result } = await node.simulateContract({ account: keys[key], address, abi, functionName, args });
  const receipt = await node.waitForTransactionReceipt({ hash: await wallet.writeContract(request) });
  return [receipt.status, plain(result ?? [])];
}

async function refused([key, functionName, args]) {
  try {
    await node.simulateContract({ account: keys[key], address, abi, functionName, args });
    return null;
  } catch (error) {
    const cause = error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionRevertedError);
    if (!cause?.data) throw error;
    return [cause.data.errorName, plain(cause.data.args ?? [])];
  }
}

async function consent(key, message) {
  return { leastLastDay: message.leastLastDay, deadline: message.deadline, signature: await sign(keys[key], "Consent", message) };
}

const nothing = { leastLastDay: 0, deadline: 0n, signature: "0x" };
const said = { before: await readAll(), rootDigest: [digest("Root", asked.root), await read("rootDigest", [asked.root])] };
const signatures = [];
for (const name of asked.attestors) {
  signatures.push({ signer: keys[name].address, signature: await sign(keys[name], "Root", asked.root) });
}
said.sent = [await send("relayer", "submitRoot", [asked.root, signatures])];
said.sent.push(await send("relayer", "onboard", [asked.claim, await consent("alice", asked.consent), nothing]));
said.after = await readAll();
said.refusals = [];
for (const each of refusals) said.refusals.push(await refused(each));
await clock.increaseTime({ seconds: 7 * 86_400 });
await clock.mine({ blocks: 1 });
const agreed = await consent("alice", asked.move.consent);
said.sent.push(await send("bob", "onboard", [asked.move.claim, nothing, agreed]));
said.moved = await readAll();

const decoded = ({ topics, data }) => {
  const { eventName, args } = decodeEventLog({ abi, topics, data });
  const { inputs } = abi.find((entry) => entry.type === "event" && entry.name === eventName);
  return [eventName, inputs.map((input) => plain(args[input.name]))];
};
said.logs = (await node.getLogs({ address, fromBlock: 0n })).map(decoded);
said.events = samples.events.map(decoded);
said.errors = samples.errors.map((data) => {
  const { errorName, args } = decodeErrorResult({ abi, data });
  return [errorName, plain(args ?? [])];
});
process.stdout.write(JSON.stringify(said));
