// A client of openapi-fetch with the types of openapi-typescript calls every operation.
import createClient from "openapi-fetch";
import { authorization, check, order, readUntil, secret, service } from "./common";
import type { components, paths } from "./service";

const client = createClient<paths>({ baseUrl: service, headers: authorization });

function data<T>(answer: { data?: T; error?: unknown }): T {
    if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
    return answer.data;
}

const plain = data(await client.GET("/api/v1/courses", { params: { query: { direction: ["btc-usd, ETH-USD", "ETH-RUB"] } } }));
const values: number[] = plain.courses.map((course) => course.value);
check(values.length === 3, plain);
const brackets = data(await client.GET("/api/v1/courses", { params: { query: { "direction[]": ["BTC-USD", "eth-usd"] } } }));
check(brackets.courses.length === 2, brackets);
const short = await client.GET("/courses", { redirect: "manual" });
check(short.response.status === 307, short.response.status);

const whole = data(await client.GET("/api/v2/courses", { params: { query: { exchanger: "CoinGeko", max_age: 900 } } }));
for (const course of whole.courses) {
    const shown: string = course.state === "fresh" ? course.value : course.reason;
    check(shown.length > 0, course);
}
const direction = { direction: "btc-usd" };
const one = data(await client.GET("/api/v2/courses/{direction}", { params: { path: direction } }));
check("version" in one && one.course.direction === "BTC-USD", one);
const explained = data(await client.GET("/api/v2/courses/{direction}/explain", { params: { path: direction } }));
check(explained.exchangers.length > 1, explained);
const converted = data(await client.GET("/api/v2/convert", { params: { query: { from: "btc", to: "USD", amount: "0.05", side: "buy" } } }));
const paid: string = converted.result;
check(Number(paid) > 0, converted);

const xml = await client.GET("/api/v2/exports/{name}", { params: { path: { name: "source" } }, parseAs: "text" });
check(data(xml).startsWith("<?xml"), xml.data);
const posted = data(await client.POST("/api/v2/exports/{name}", { params: { path: { name: "cms" }, header: secret } }));
if (!posted.success) throw new Error("nothing is exported");
const pair: number[] | undefined = posted.result["BTCCASHUSD"];
check(pair?.length === 2, posted);
const items = data(await client.GET("/api/v2/exports/{name}/explain", { params: { path: { name: "source" } } })).items;
check(items.some((item) => item.is_published), items);

const range = { path: direction, query: { interval: "1s", limit: 5 } } as const;
const past = data(await client.GET("/api/v2/history/{direction}", { params: range }));
const closes: string[] = past.candles.map((candle) => candle.close);
const next: string | null = past.next;
check(closes.length <= 5 && next !== "", past);
const table: string = data(await client.GET("/api/v2/history/{direction}/candles.csv", { params: range, parseAs: "text" }));
check(table.startsWith("time,open,high,low,close,count\r\n"), table);

const exchangers = data(await client.GET("/api/v2/exchangers"));
check(exchangers.exchangers.length > 1, exchangers);
const events = await readUntil("snapshot", data(await client.GET("/api/v2/stream", { parseAs: "stream" }))!);
check(events.includes("event: snapshot"), events);
const socket = await client.GET("/api/v2/ws");
check(socket.response.status === 426 && socket.error !== undefined, socket.response.status);

const locked = await client.POST("/api/v2/quotes", { body: order, params: { header: { "Idempotency-Key": "openapi-fetch" } } });
const quote: components["schemas"]["Quote"] = data(locked);
const read = data(await client.GET("/api/v2/quotes/{id}", { params: { path: { id: quote.id } } }));
check(read.get.amount === quote.get.amount, read);
check(data(await client.GET("/.well-known/jwks.json")).keys.length === 1, "no key");

check(data(await client.GET("/livez")).status === "alive", "not alive");
const ready = await client.GET("/readyz");
if (ready.error) throw new Error("reasons" in ready.error ? ready.error.reasons.join() : ready.error.detail);
check(data(await client.GET("/metrics", { parseAs: "text" })).includes("# TYPE"), "no metrics");
check(data(await client.GET("/openapi.json")).openapi === "3.1.0", "no document");

export function coursesOf(message: components["schemas"]["PushMessage"]): number {
    return message.event === "heartbeat" ? 0 : message.courses.length;
}
