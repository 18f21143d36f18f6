// ethers does what Python asks on stdin, and prints what it saw: see test_foreign_clients.py.

import { Contract, Interface, JsonRpcProvider, Result, TypedDataEncoder, Wallet } from "ethers";
import { plain, task, typed } from "./plain.mjs";

const asked = task();
const { views, samples, refusals } = asked;
const node = new JsonRpcProvider(asked.rpc, undefined, { staticNetwork: true, pollingInterval: 20, cacheTimeout: -1 });
const abi = new Interface(asked.abi);
const keys = Object.fromEntries(Object.entries(asked.keys).map(([name, key]) => [name, new Wallet(key, node)]));
const as = (key) => new Contract(asked.registry, abi, keys[key]);
const registry = new Contract(asked.registry, abi, node);

const deep = (value) => plain(value instanceof Result ? value.toArray(true) : value);
const [, name, version, chainId, verifyingContract] = await registry.eip712Domain();
const domain = { name, version, chainId, verifyingContract };
const readAll = async () => {
  const answers = [];
  for (const [view, args] of views) answers.push(deep(await registry[view](...args)));
  return answers;
};
const digest = (type, message) => TypedDataEncoder.hash(domain, typed(type), message);

async function send(key, method, args) {
  const result = await as(key)[method].staticCall(...args);
  const receipt = await (await as(key)[method](...args)).wait();
  return [receipt.status === 1 ? "success" : "reverted", deep(result)];
}

async function refused([key, method, args]) {
  try {
    await as(key)[method].staticCall(...args);
    return null;
  } catch (error) {
    if (!error.revert) throw error;
    return [error.revert.name, deep(error.revert.args)];
  }
}

async function consent(key, message) {
  const signature = await keys[key].signTypedData(domain, typed("Consent"), message);
  return { leastLastDay: message.leastLastDay, deadline: message.deadline, signature };
}

const nothing = { leastLastDay: 0, deadline: 0n, signature: "0x" };
const signed = [digest("Root", asked.root), await registry.rootDigest(asked.root)];
const said = { before: await readAll(), rootDigest: signed };
const signatures = [];
for (const signer of asked.attestors) {
  const signature = await keys[signer].signTypedData(domain, typed("Root"), asked.root);
  signatures.push({ signer: keys[signer].address, signature });
}
said.sent = [await send("relayer", "submitRoot", [asked.root, signatures])];
said.sent.push(await send("relayer", "onboard", [asked.claim, await consent("alice", asked.consent), nothing]));
said.after = await readAll();
said.refusals = [];
for (const each of refusals) said.refusals.push(await refused(each));
await node.send("evm_increaseTime", [7 * 86_400]);
await node.send("evm_mine", []);
const agreed = await consent("alice", asked.move.consent);
said.sent.push(await send("bob", "onboard", [asked.move.claim, nothing, agreed]));
said.moved = await readAll();

const decoded = (log) => {
  const { name: event, args } = abi.parseLog(log);
  return [event, deep(args)];
};
said.logs = (await node.getLogs({ address: asked.registry, fromBlock: 0 })).map(decoded);
said.events = samples.events.map(decoded);
said.errors = samples.errors.map((data) => {
  const { name: error, args } = abi.parseError(data);
  return [error, deep(args)];
});
process.stdout.write(JSON.stringify(said));
node.destroy();
