// A client of orval calls every operation.
import { check, order, secret } from "./common";
import * as kurs from "./orval_service";

const plain = await kurs.listCoursesV1({ direction: ["btc-usd, ETH-USD", "ETH-RUB"] });
if (plain.status !== 200) throw new Error(JSON.stringify(plain.data));
const values: number[] = plain.data.courses.map((course) => course.value);
check(values.length === 3, plain);
const brackets = await kurs.listCoursesV1({ "direction[]": ["BTC-USD", "eth-usd"] });
check(brackets.status === 200 && brackets.data.courses.length === 2, brackets);
const short = await kurs.redirectToCoursesV1({}, { redirect: "manual" });
check(short.status === 307, short);

const whole = await kurs.listCourses({ exchanger: "CoinGeko", max_age: 900 });
if (whole.status !== 200) throw new Error(JSON.stringify(whole.data));
for (const course of whole.data.courses) {
    const shown: string = course.state === "fresh" ? course.value : course.reason;
    check(shown.length > 0, course);
}
const one = await kurs.getCourse("btc-usd");
check(one.status === 200 && one.data.course.direction === "BTC-USD", one);
const explained = await kurs.explainCourse("btc-usd");
check(explained.status === 200 && explained.data.exchangers.length > 1, explained);
const converted = await kurs.convertAmount({ from: "btc", to: "USD", amount: "0.05", side: "buy" });
if (converted.status !== 200) throw new Error(JSON.stringify(converted.data));
const paid: string = converted.data.result;
check(Number(paid) > 0, converted);

const xml = await kurs.getExport("source");
check(xml.status === 200 && typeof xml.data === "string" && xml.data.startsWith("<?xml"), xml);
const posted = await kurs.postExport("cms", { headers: secret });
if (posted.status !== 200 || !posted.data.success) throw new Error(JSON.stringify(posted.data));
const pair: number[] | undefined = posted.data.result["BTCCASHUSD"];
check(pair?.length === 2, posted);
const items = await kurs.explainExport("source");
check(items.status === 200 && items.data.items.some((item) => item.is_published), items);

const past = await kurs.listCandles("btc-usd", { interval: "1s", limit: 5 });
if (past.status !== 200) throw new Error(JSON.stringify(past.data));
const closes: string[] = past.data.candles.map((candle) => candle.close);
const next: string | null = past.data.next;
check(closes.length <= 5 && next !== "", past);
const table = await kurs.listCandlesCsv("btc-usd", { interval: "1s", limit: 5 });
check(table.status === 200 && table.data.startsWith("time,open,high,low,close,count\r\n"), table);

const exchangers = await kurs.listExchangers();
check(exchangers.status === 200 && exchangers.data.exchangers.length > 1, exchangers);
const events = await kurs.streamChanges();
check(events.status === 200 && events.data.includes("event: snapshot"), events);
const socket = await kurs.openWebSocket();
check(socket.status === 426 && socket.data.detail.length > 0, socket);

const locked = await kurs.lockQuote(order, { headers: { "Idempotency-Key": "orval" } });
if (locked.status !== 201) throw new Error(JSON.stringify(locked.data));
const read = await kurs.getQuote(locked.data.id);
check(read.status === 200 && read.data.get.amount === locked.data.get.amount, read);
const keys = await kurs.getSigningKeys();
check(keys.status === 200 && keys.data.keys.length === 1, keys);

const alive = await kurs.getLiveness();
check(alive.status === 200 && alive.data.status === "alive", alive);
const ready = await kurs.getReadiness();
if (ready.status !== 200) throw new Error(JSON.stringify(ready.data));
const metrics = await kurs.getMetrics();
check(metrics.status === 200 && metrics.data.includes("# TYPE"), metrics);
const document = await kurs.getOpenapi();
check(document.status === 200 && document.data.openapi === "3.1.0", document);
