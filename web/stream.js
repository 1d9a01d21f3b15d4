// The event stream connection to the service.

const silenceLimit = 15000; // ms; the service sends a heartbeat after ten seconds of silence
const firstWait = 1500;
const longestWait = 15000;

export class Stream {
    /// `onMessage(kind, message, {begunAt, isAnswer})`: when its connection was begun, by performance.now(), and
    /// whether the message was written after the request; `onLink(link)` with connecting, live or lost.
    constructor(onMessage, onLink) {
        this.onMessage = onMessage;
        this.onLink = onLink;
        this.link = 'connecting';
        this.lostAt = null; // by performance.now()
        this.failures = 0;
    }

    /// Closes the previous connection and starts again with a snapshot.
    open(exchanger) {
        this.exchanger = exchanger;
        this.lastId = '';
        this.failures = 0;
        this.#begin();
        if (this.link !== 'lost') this.#setLink('connecting');
    }

    /// Closes the connection until `open` is called.
    close() {
        clearTimeout(this.timer);
        this.source?.close();
        this.source = null;
        this.#setLink('connecting');
        this.lostAt = null;
    }

    /// Replaces the connection, if there is one, and resumes after the last message.
    resume() {
        if (!this.source) return;
        this.#begin();
        if (this.link === 'live') this.#setLink('connecting');
    }

    /// To be called regularly: a dead connection does not report itself.
    watch() {
        if (this.source && performance.now() - this.heardAt > silenceLimit) {
            this.#setLink('lost');
            this.#begin();
        }
    }

    /// For how many ms no reliable message has arrived.
    lostFor() {
        return this.lostAt === null ? 0 : performance.now() - this.lostAt;
    }

    #begin() {
        clearTimeout(this.timer);
        this.source?.close();
        const query = new URLSearchParams();
        if (this.exchanger) query.set('exchanger', this.exchanger);
        if (this.lastId) query.set('last_event_id', this.lastId);
        const asked = query.toString();
        this.begunAt = this.heardAt = performance.now();
        this.hadId = false;
        this.goesOn = Boolean(this.lastId);
        this.isAnswer = !this.goesOn; // a message on a resumed connection may have been rendered for other clients earlier
        const source = new EventSource('/api/v2/stream' + (asked && `?${asked}`));
        this.source = source;
        for (const kind of ['snapshot', 'changes', 'heartbeat']) {
            source.addEventListener(kind, (event) => this.#take(source, kind, event));
        }
        // A client that resumes gets no message until something changes.
        source.addEventListener('open', () => this.lastId && this.#setLink('live'));
        source.addEventListener('error', () => this.#fail(source));
    }

    #take(source, kind, event) {
        const { begunAt, isAnswer } = this;
        this.heardAt = performance.now();
        this.failures = 0;
        this.isAnswer = false;
        // Empty after one, or with a snapshot: no other replica knows this version.
        if (event.lastEventId || this.hadId || kind === 'snapshot') this.lastId = event.lastEventId;
        this.hadId ||= event.lastEventId !== '';
        this.onMessage(kind, JSON.parse(event.data), { begunAt, isAnswer });
        if (source === this.source) this.#setLink('live');
    }

    /// A browser reconnects by itself after a broken connection, but not after an HTTP error such as a proxy's 502,
    /// and it resumes from the URL's original version.
    #fail(source) {
        if (source !== this.source) return;
        this.#setLink('lost');
        this.heardAt = performance.now();
        const mustForget = this.goesOn && !this.lastId;
        if (source.readyState !== EventSource.CLOSED && !mustForget) return;
        source.close();
        const wait = Math.min(longestWait, firstWait * 2 ** this.failures++);
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.#begin(), wait * (0.5 + Math.random() / 2));
    }

    #setLink(link) {
        if (link === 'live') this.lostAt = null;
        else if (link === 'lost') this.lostAt ??= performance.now();
        if (link === this.link) return;
        this.link = link;
        this.onLink(link);
    }
}
