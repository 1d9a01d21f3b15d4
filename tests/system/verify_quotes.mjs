// Reads {"jwks": …} and then quotes {"body": base64, "signature": "header..signature"}, a line each. Prints how many of
// their signatures are right by Node's crypto.
import { createPublicKey, verify } from "node:crypto";
import { createInterface } from "node:readline";

const keys = new Map();
let right = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const read = JSON.parse(line);
  if (read.jwks) {
    for (const jwk of read.jwks.keys) keys.set(jwk.kid, createPublicKey({ key: jwk, format: "jwk" }));
    continue;
  }
  const [header, payload, signature] = read.signature.split(".");
  const { alg, b64, crit, kid } = JSON.parse(Buffer.from(header, "base64url"));
  const input = Buffer.concat([Buffer.from(`${header}.`), Buffer.from(read.body, "base64")]);
  const is_of_kind = alg === "EdDSA" && b64 === false && crit.join() === "b64" && payload === "";
  if (is_of_kind && verify(null, input, keys.get(kid), Buffer.from(signature, "base64url"))) right += 1;
}
console.log(right);
