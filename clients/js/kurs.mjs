// A client of Kurs for Node 20 or newer and for browsers: one file without dependencies, to be copied.
//
//     const kurs = new Kurs("http://127.0.0.1:8080", { maxAge: 5 });
//     const { value, bid, ask } = await kurs.rate("BTC-USD");
//
// Prices are exact decimals in strings, and null unless the rate is fresh by this clock, whatever the service or a cache answers.
//
//     const { quote, remaining } = await kurs.lockQuote({ direction: "BTC-RUB", side: "sell", amount: "0.05", ttl: 60 });
//
// The signature of a quote is verified before its body is parsed. Whether it still holds is decided by the service's clock alone:
// this clock is not used. In browsers, signatures need WebCrypto with Ed25519, which exists only on pages of https or localhost.

const longestSilence = 25_000; // ms; the service sends a heartbeat after ten seconds
const longestMessage = 1_000_000; // characters
const firstWait = 1_500; // ms before connecting again; doubled with each failure
const longestWait = 15_000;
const tick = 200; // ms between two checks of the clock
const retryWait = 1_000; // ms before the second and last attempt at a quote
const keysAge = 300; // seconds that a JWK set is kept unless its Cache-Control says otherwise
const longestKeysAge = 3_600;
const keysCooldown = 30; // seconds between two downloads of the JWK set, even if signatures name unknown keys

/// There is no fresh rate. `state` is one of version 2 (`stale`, `disputed`, `unavailable`), `old` if the answer was made too
/// long ago, or `failed` if there was no usable answer.
export class RateError extends Error {
    constructor(state, reason, direction) {
        super(`${direction}: ${reason}`);
        Object.assign(this, { name: 'RateError', state, reason, direction });
    }
}

/// There is no quote. `state` is `refused` if the service refuses the request, `failed` if there was no usable answer, or
/// `unverified` if the answer does not prove that it is the quote. `status` is that of the response, 0 without one. After
/// `failed` the quote may be locked: ask again with the same `idempotencyKey`.
export class QuoteError extends Error {
    constructor(state, reason, status = 0) {
        super(reason);
        Object.assign(this, { name: 'QuoteError', state, reason, status, idempotencyKey: null });
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
    #keys = null; // the JWK set: `fetchedAt`, `maxAge` and a promise of the `jwks`

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

    /// Locks a quote. `direction`, such as "BTC-RUB"; `side`: "sell" if the customer gives `amount` of the first asset, "buy" if
    /// the customer gets it; `ttl`: seconds; optionally `exchanger` and `export`, as in the API. The same `idempotencyKey`
    /// returns the same quote again, which may have expired.
    ///
    /// Returns `quote`, the parsed document; `remaining`, the seconds until it expires, by the service's clock when it answered:
    /// not positive if it has expired; and the arguments of verifyQuote, `body`, `signature` and `jwks`, to prove it later. That
    /// clock (Kurs-Time) is not signed: use https where the network is not trusted. Read the quote again to learn what remains.
    async lockQuote({ idempotencyKey = crypto.randomUUID(), ...request }) {
        if (!/^[!#-[\]-~]{1,64}$/.test(idempotencyKey)) {
            throw new RangeError('idempotencyKey: 1 to 64 printable ASCII characters without blanks, quotes and backslashes');
        }
        // An export has an exchanger of its own.
        const order = { ...(this.exchanger && !request.export && { exchanger: this.exchanger }), ...request };
        const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': `"${idempotencyKey}"` };
        try {
            const locked = await this.#quote('/api/v2/quotes', { method: 'POST', headers, body: JSON.stringify(order) });
            if (!isAnswerTo(order, locked.quote)) {
                throw new QuoteError('unverified', 'the answer is the quote of another request');
            }
            return locked;
        } catch (error) {
            throw error instanceof QuoteError ? Object.assign(error, { idempotencyKey }) : error;
        }
    }

    /// Reads a quote that was locked, perhaps long ago, and returns what lockQuote does.
    async readQuote(id) {
        const read = await this.#quote(`/api/v2/quotes/${encodeURIComponent(id)}`);
        if (read.quote.id !== id) throw new QuoteError('unverified', 'the answer is another quote');
        return read;
    }

    async #quote(path, init) {
        const { headers, bytes } = await this.#ask(path, init);
        const signature = headers.get('Kurs-Signature') ?? '';
        const { kid } = readSignature(signature);
        let jwks = await this.#jwks();
        if (!jwks.keys.some((key) => key?.kid === kid)) jwks = await this.#jwks(keysCooldown);
        const quote = await verifyQuote(bytes, signature, jwks);
        const remaining = (Date.parse(quote.expires_at) - Date.parse(headers.get('Kurs-Time'))) / 1000;
        if (Number.isNaN(remaining)) throw new QuoteError('failed', 'the answer has no Kurs-Time');
        return { quote, remaining, body: textOf(bytes), signature, jwks };
    }

    /// The JWK set. It is fetched again if it is older than its cache age or than `age` seconds.
    #jwks(age = longestKeysAge) {
        const now = performance.now() / 1000;
        if (this.#keys && now - this.#keys.fetchedAt < Math.min(age, this.#keys.maxAge)) return this.#keys.jwks;
        const keys = { fetchedAt: now, maxAge: longestKeysAge }; // calls that arrive meanwhile wait for the same answer
        keys.jwks = this.#ask('/.well-known/jwks.json').then(({ headers, bytes }) => {
            const [, maxAge] = /\bmax-age=(\d+)/.exec(headers.get('Cache-Control')) ?? [];
            keys.maxAge = Math.max(keysCooldown, Math.min(maxAge ?? keysAge, longestKeysAge));
            const jwks = JSON.parse(textOf(bytes));
            if (!Array.isArray(jwks?.keys)) throw new Error('it has no keys');
            return jwks;
        }).catch((error) => {
            keys.maxAge = 0;
            throw new QuoteError('failed', `no JWK set (${error.message})`, error.status);
        });
        this.#keys = keys;
        return keys.jwks;
    }

    /// The headers and the bytes of a successful answer. Retries once after a network failure, a 503, or a proxy's 502 or 504.
    async #ask(path, init) {
        let answer = await this.#answer(path, init);
        if (isAway(answer.status)) {
            await pause(retryWait);
            answer = await this.#answer(path, init);
        }
        if (answer.ok) return answer;
        const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
        throw new QuoteError(isRefused ? 'refused' : 'failed', answer.reason ?? detailOf(answer), answer.status);
    }

    async #answer(path, { headers, ...init } = {}) {
        try {
            const response = await fetch(this.url + path, {
                ...init, headers: { ...this.#headers, ...headers }, signal: AbortSignal.timeout(this.timeout * 1000),
                cache: 'no-store', redirect: 'error' });
            const bytes = new Uint8Array(await response.arrayBuffer());
            return { ok: response.ok, status: response.status, headers: response.headers, bytes };
        } catch (error) {
            return { ok: false, status: 0, reason: `no answer (${error.message})` };
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

/// Verifies a quote offline, and returns it parsed. `body`: the bytes, or the text, exactly as received; `signature`: the header
/// Kurs-Signature; `jwks`: the JWK set of /.well-known/jwks.json. Rejects with a QuoteError whose state is `unverified`.
export async function verifyQuote(body, signature, jwks) {
    const { kid, signed, proof } = readSignature(signature);
    const keys = Array.isArray(jwks?.keys) ? jwks.keys.filter((key) => key?.kid === kid) : [];
    if (keys.length !== 1) throw new QuoteError('unverified', `${keys.length} keys have the kid ${kid}`);
    const { kty, crv, use = 'sig', alg = 'EdDSA', x } = keys[0];
    const point = fromBase64(x);
    if (kty !== 'OKP' || crv !== 'Ed25519' || use !== 'sig' || alg !== 'EdDSA' || point?.length !== 32) {
        throw new QuoteError('unverified', `the key ${kid} is not an Ed25519 key for signatures`);
    }
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
    const input = new Uint8Array([...new TextEncoder().encode(signed), ...bytes]);
    const key = await crypto.subtle.importKey('raw', point, { name: 'Ed25519' }, false, ['verify']);
    if (!await crypto.subtle.verify({ name: 'Ed25519' }, key, proof, input)) {
        throw new QuoteError('unverified', 'the signature is not of these bytes');
    }
    return JSON.parse(textOf(bytes));
}

/// The parts of a detached JWS whose payload is not encoded (RFC 7797): the `kid`, what is `signed` before the payload, and the
/// bytes of the signature. The header cannot choose another algorithm.
function readSignature(signature) {
    const [, encoded, rest] = /^([\w-]+)\.\.([\w-]{86})$/.exec(signature) ?? [];
    let header;
    try {
        header = JSON.parse(textOf(fromBase64(encoded)));
    } catch {
        throw new QuoteError('unverified', 'the signature is missing or malformed');
    }
    const isDetached = header?.b64 === false && JSON.stringify(header.crit) === '["b64"]';
    if (header?.alg !== 'EdDSA' || !isDetached || typeof header.kid !== 'string') {
        throw new QuoteError('unverified', 'the signature is of another kind');
    }
    return { kid: header.kid, signed: `${encoded}.`, proof: fromBase64(rest) };
}

/// The bytes of base64url without padding; undefined if it is malformed.
function fromBase64(text) {
    if (typeof text !== 'string' || !/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
}

/// Throws unless the text has exactly these bytes.
function textOf(bytes) {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/// Whether the quote is that of the order, by its direction, side, amount, duration and item of an export.
function isAnswerTo(order, quote) {
    const { amount } = quote.side === 'sell' ? quote.give : quote.get;
    const held = Date.parse(quote.expires_at) - Date.parse(quote.locked_at);
    return quote.direction === order.direction.toUpperCase() && quote.side === order.side
        && Number(amount) === Number(order.amount) && held === order.ttl * 1000 && nameOf(quote.export) === nameOf(order.export);
}

/// The name of an item of an export, for comparison.
function nameOf(item) {
    return JSON.stringify(item ? [item.name, item.from, item.to, item.city || null] : null);
}

/// Whether there was no answer, or none but a proxy's, or the service is not able to answer now.
function isAway(status) {
    return [0, 502, 503, 504].includes(status);
}

function detailOf({ status, bytes }) {
    try {
        return JSON.parse(textOf(bytes)).detail ?? `status ${status}`;
    } catch {
        return `status ${status}`;
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
