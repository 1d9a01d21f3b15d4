// A client of Kurs for Node 20 or newer and for browsers: one file without dependencies, to be copied.
//
//     const kurs = new Kurs("http://127.0.0.1:8080", { maxAge: 5 });
//     const { value, bid, ask } = await kurs.rate("BTC-USD");
//
// Prices are exact decimals in strings, and null unless the rate is fresh by this clock, whatever the service or a cache answers.

const longestSilence = 25_000; // ms; the service sends a heartbeat after ten seconds
const longestMessage = 1_000_000; // characters
const firstWait = 1_500; // ms before connecting again; doubled with each failure
const longestWait = 15_000;
const tick = 200; // ms between two checks of the clock

/// There is no fresh rate. `state` is one of version 2 (`stale`, `disputed`, `unavailable`), `old` if the answer was made too
/// long ago, or `failed` if there was no usable answer.
export class RateError extends Error {
    constructor(state, reason, direction) {
        super(`${direction}: ${reason}`);
        Object.assign(this, { name: 'RateError', state, reason, direction });
    }
}

export class Kurs {
    /// `exchanger`: the one to use; null: the active one. `maxAge`: seconds, tightens the service's limits. `timeout`: seconds
    /// for an answer. `clockTolerance`: an answer whose `as_of` differs from this clock by more seconds is refused. `key`: the
    /// API key, if the service asks for one.
    constructor(url, { exchanger = null, maxAge = null, timeout = 3, clockTolerance = 5, key = null } = {}) {
        Object.assign(this, { url: url.replace(/\/+$/, ''), exchanger, maxAge, timeout, clockTolerance });
        this.#headers = key ? { Authorization: `Bearer ${key}` } : {};
    }

    #headers;

    /// The fresh rate of a direction such as "BTC-USD": `direction`, `exchanger`, `bid`, `value`, `ask`, and the Dates
    /// `observedAt` and `freshUntil`.
    async rate(direction) {
        let answer;
        try {
            const response = await fetch(this.#path('/api/v2/courses', direction), {
                headers: this.#headers, signal: AbortSignal.timeout(this.timeout * 1000), cache: 'no-store' });
            answer = await response.json();
        } catch (error) {
            throw new RateError('failed', `no answer (${error.message})`, direction);
        }
        const courses = Array.isArray(answer?.courses) ? answer.courses : [];
        const course = courses.find((each) => each.direction === direction.toUpperCase());
        if (!course) throw new RateError('failed', answer?.detail ?? 'unexpected answer', direction);
        const rate = this.#read(course, answer);
        if (rate.value === null) throw new RateError(rate.state, rate.reason, rate.direction);
        return rate;
    }

    /// Yields each rate when it changes, and once when it stops being fresh: then `bid`, `value` and `ask` are null, and `state`
    /// and `reason` say why. Retries every failure, unreported, and resumes, until `signal` aborts.
    async *follow(directions, { signal } = {}) {
        const known = new Map();
        let lastId = '';
        let wait = firstWait;
        while (!signal?.aborted) {
            const connection = new AbortController();
            const messages = this.#messages(directions, lastId, connection.signal);
            let next = settled(messages.next());
            let heardAt = Date.now();
            while (!signal?.aborted && Date.now() - heardAt < longestSilence) {
                const got = await Promise.race([next, pause(tick)]);
                yield* expired(known);
                if (!got) continue;
                if (got.error || got.done) break;
                next = settled(messages.next());
                heardAt = Date.now();
                wait = firstWait;
                const { id, message } = got.value;
                lastId = id ?? lastId;
                if (message.event === 'snapshot') known.clear();
                for (const course of message.courses ?? []) {
                    const rate = this.#read(course, message);
                    known.set(rate.direction, rate);
                    yield rate;
                }
            }
            connection.abort();
            for (const until = Date.now() + wait; !signal?.aborted && Date.now() < until;) {
                await pause(tick);
                yield* expired(known);
            }
            wait = Math.min(2 * wait, longestWait);
        }
    }

    #path(path, directions) {
        const query = new URLSearchParams({ direction: [directions].flat().join(',') });
        if (this.exchanger) query.set('exchanger', this.exchanger);
        return `${this.url}${path}?${query}`;
    }

    #read(course, { exchanger, as_of }) {
        const { direction, state, reason, bid, value, ask } = course;
        const [observedAt, freshUntil] = [course.observed_at, course.fresh_until].map((time) => new Date(time ?? NaN));
        const rate = { direction, exchanger, state, reason, bid, value, ask, observedAt, freshUntil };
        if (state !== 'fresh') return refused(rate, state, reason);
        const madeAt = Date.parse(as_of);
        if (!(Math.abs(Date.now() - madeAt) <= this.clockTolerance * 1000)) {
            return refused(rate, 'old', `the answer is dated ${as_of}: it is cached, or a clock is wrong`);
        }
        if (this.maxAge !== null) rate.freshUntil = new Date(Math.min(freshUntil, +observedAt + this.maxAge * 1000));
        if (!(Math.max(Date.now(), madeAt) < rate.freshUntil)) {
            return refused(rate, 'stale', `observed at ${course.observed_at}, expired at ${rate.freshUntil.toISOString()}`);
        }
        return rate;
    }

    /// The messages of one connection, each with its `id`; undefined if it has none.
    async *#messages(directions, lastId, signal) {
        const headers = { ...this.#headers, Accept: 'text/event-stream', ...(lastId && { 'Last-Event-ID': lastId }) };
        const response = await fetch(this.#path('/api/v2/stream', directions), { headers, signal, cache: 'no-store' });
        if (!response.ok) throw new Error(`status ${response.status}`);
        let [text, event] = ['', {}];
        for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
            text += part;
            if (text.length > longestMessage) throw new Error('message too long');
            const lines = text.split(/\r?\n/);
            text = lines.pop();
            for (const line of lines) {
                const [, field, content] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
                if (field === 'id') event.id = content;
                if (field === 'data') event.message = JSON.parse(content);
                if (line !== '') continue;
                if (event.message) yield event;
                event = {};
            }
        }
    }
}

function refused(rate, state, reason) {
    return { ...rate, state, reason, bid: null, value: null, ask: null };
}

/// Yields the rates that have expired.
function* expired(known) {
    for (const [direction, rate] of known) {
        if (rate.value === null || Date.now() < rate.freshUntil) continue;
        known.set(direction, refused(rate, 'stale', `nothing newer than ${rate.observedAt.toISOString()} has arrived`));
        yield known.get(direction);
    }
}

function settled(promise) {
    return promise.catch((error) => ({ error }));
}

function pause(time) {
    return new Promise((done) => { setTimeout(done, time); });
}
