// A client of generated types: it compiles only if the answers have types that can be used as they are.
import createClient from "openapi-fetch";
import type { components, paths } from "./service.js";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] });

const plain = await client.GET("/api/v1/courses", { params: { query: { direction: ["btc-usd,ETH-USD", "ETH-RUB"] } } });
if (!plain.data) throw new Error(plain.error.detail);
const values: number[] = plain.data.courses.map((course) => course.value);
if (values.length !== 3) throw new Error(`three courses were asked for: ${values}`);

const whole = await client.GET("/api/v2/courses", { params: { query: { exchanger: "Binance", max_age: 900 } } });
if (!whole.data) throw new Error(whole.error.detail);
for (const course of whole.data.courses) {
    const told: string = course.state === "fresh" ? course.value : course.reason;
    console.log(course.direction, course.state, told);
}

const one = await client.GET("/api/v2/courses/{direction}", { params: { path: { direction: "btc-usd" } } });
if (!one.data) throw new Error(one.error.detail);
if ("version" in one.data) console.log(one.data.course.direction, one.data.version);

const converted = await client.GET("/api/v2/convert", { params: { query: { from: "btc", to: "USD", amount: "0.05", side: "buy" } } });
if (!converted.data) throw new Error(converted.error.detail);
const paid: string = converted.data.result;
console.log(paid, converted.data.courses.map((course) => course.inverted));

const past = await client.GET("/api/v2/history/{direction}", {
    params: { path: { direction: "BTC-USD" }, query: { interval: "1s", limit: 5 } },
});
if (!past.data) throw new Error(past.error.detail);
const closes: string[] = past.data.candles.map((candle) => candle.close);
const next: string | null = past.data.next;
console.log(closes, next);

const ready = await client.GET("/readyz");
if (ready.error) throw new Error("reasons" in ready.error ? ready.error.reasons.join() : ready.error.detail);

export function coursesOf(message: components["schemas"]["PushMessage"]): number {
    return message.event === "heartbeat" ? 0 : message.courses.length;
}
