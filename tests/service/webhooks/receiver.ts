// What a receiver of webhooks checks, with Node's own library: node receiver.js < request.json
// --8<-- [start:lines]
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

/** The event of a webhook that one of the secrets signed within five minutes; throws otherwise. */
export function verify(
  headers: Record<string, string | undefined>, // names in lower case
  body: Buffer, // as it came, before anything reads it
  secrets: string[], // whsec_...: one, or two while it is changed
  now: number = Date.now() / 1000,
): { id: string; type: string; timestamp: string; data: Record<string, unknown> } {
  const id = headers["webhook-id"] ?? "";
  const stamp = headers["webhook-timestamp"] ?? "";
  const given = headers["webhook-signature"] ?? "";
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id) || !/^(0|[1-9][0-9]{0,11})$/.test(stamp)) throw new Error("malformed");
  if (Math.abs(Number(stamp) - now) > TOLERANCE_SECONDS) throw new Error("sent at another time");
  let found = false;
  for (const secret of secrets) {
    if (!/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret)) throw new Error("no secret");
    const key = Buffer.from(secret.slice(6), "base64");
    const wanted = createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest();
    for (const each of given.split(" ")) {
      const one = Buffer.from(each.startsWith("v1,") ? each.slice(3) : "", "base64");
      if (one.length === wanted.length && timingSafeEqual(one, wanted)) found = true;
    }
  }
  if (!found) throw new Error("signed by none of the secrets");
  const event = JSON.parse(body.toString("utf8"));
  if (event.id !== id) throw new Error("another event's body");
  return event;
}
// --8<-- [end:lines]

import { readFileSync } from "node:fs";

const request = JSON.parse(readFileSync(0, "utf8"));
try {
  const event = verify(request.headers, Buffer.from(request.body, "base64"), request.secrets, request.now);
  console.log(JSON.stringify({ taken: event.type }));
} catch (error) {
  console.log(JSON.stringify({ refused: String(error) }));
}
