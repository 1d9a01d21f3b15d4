// A client of @hey-api/openapi-ts calls every operation.
import { check, key, order, secret, service } from "./common";
import { client } from "./hey/client.gen";
import * as kurs from "./hey/sdk.gen";

client.setConfig({ baseUrl: service, auth: () => key });

function data<T>(answer: { data: T; error?: unknown }): NonNullable<T> {
    if (!answer.data) throw new Error(JSON.stringify(answer.error));
    return answer.data;
}

const plain = data(await kurs.listCoursesV1({ query: { direction: ["btc-usd, ETH-USD", "ETH-RUB"] } }));
const values: number[] = plain.courses.map((course) => course.value);
check(values.length === 3, plain);
const brackets = data(await kurs.listCoursesV1({ query: { "direction[]": ["BTC-USD", "eth-usd"] } }));
check(brackets.courses.length === 2, brackets);
const short = await kurs.redirectToCoursesV1({ redirect: "manual" });
check(short.response.status === 307, short.response.status);

const whole = data(await kurs.listCourses({ query: { exchanger: "CoinGeko", max_age: 900 } }));
for (const course of whole.courses) {
    const shown: string = course.state === "fresh" ? course.value : course.reason;
    check(shown.length > 0, course);
}
const path = { direction: "btc-usd" };
const one = data(await kurs.getCourse({ path }));
check("version" in one && one.course.direction === "BTC-USD", one);
check(data(await kurs.explainCourse({ path })).exchangers.length > 1, "no exchangers");
const converted = data(await kurs.convertAmount({ query: { from: "btc", to: "USD", amount: "0.05", side: "buy" } }));
const paid: string = converted.result;
check(Number(paid) > 0, converted);

// Of several types of content, this generator knows the one in JSON.
const xml: unknown = data(await kurs.getExport({ path: { name: "source" }, parseAs: "text" }));
check(typeof xml === "string" && xml.startsWith("<?xml"), xml);
const posted = data(await kurs.postExport({ path: { name: "cms" }, headers: secret }));
if (!posted.success) throw new Error("nothing is exported");
const pair: number[] | undefined = posted.result["BTCCASHUSD"];
check(pair?.length === 2, posted);
check(data(await kurs.explainExport({ path: { name: "source" } })).items.some((item) => item.is_published), "no items");

const query = { interval: "1s", limit: 5 } as const;
const past = data(await kurs.listCandles({ path, query }));
const closes: string[] = past.candles.map((candle) => candle.close);
const next: string | null = past.next;
check(closes.length <= 5 && next !== "", past);
const table: string = data(await kurs.listCandlesCsv({ path, query }));
check(table.startsWith("time,open,high,low,close,count\r\n"), table);

check(data(await kurs.listExchangers()).exchangers.length > 1, "no exchangers");
const listening = new AbortController();
const { stream } = await kurs.streamChanges({ signal: listening.signal });
for await (const event of stream) {
    if (JSON.stringify(event ?? "").includes("snapshot")) break;
}
listening.abort();
const socket = await kurs.openWebSocket();
check(socket.response.status === 426 && socket.error !== undefined, socket.response.status);

const quote = data(await kurs.lockQuote({ body: order, headers: { "Idempotency-Key": "hey-api" } }));
const read = data(await kurs.getQuote({ path: { id: quote.id } }));
check(read.get.amount === quote.get.amount, read);
check(data(await kurs.getSigningKeys()).keys.length === 1, "no key");

check(data(await kurs.getLiveness()).status === "alive", "not alive");
const ready = await kurs.getReadiness();
if (ready.error) throw new Error("reasons" in ready.error ? ready.error.reasons.join() : ready.error.detail);
const metrics: string = data(await kurs.getMetrics());
check(metrics.includes("# TYPE"), metrics);
check(data(await kurs.getOpenapi()).openapi === "3.1.0", "no document");
