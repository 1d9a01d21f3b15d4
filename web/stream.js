// The connection to the service that pushes changes: a WebSocket, or Server-Sent Events where there is none.
//
// Browsers open at most six connections to an HTTP/1.1 host, for all tabs together. A WebSocket does not count among
// them, so any number of tabs can be open. Some proxies let no WebSocket through: if the first one does not open,
// the page uses Server-Sent Events.

const silenceLimit = 15000; // ms; the service sends a heartbeat after ten seconds of silence
const openLimit = 5000; // ms for the first WebSocket to open
const firstWait = 1500;
const longestWait = 15000;
const longestSocketWait = 3000; // as a browser waits after the end of an event stream

export class Stream {
    /// `onMessage(kind, message, {begunAt, isAnswer})`: when its connection was begun, by performance.now(), and
    /// whether the message was written after the request; `onLink(link)` with connecting, live or lost.
    constructor(onMessage, onLink) {
        this.onMessage = onMessage;
        this.onLink = onLink;
        this.link = 'connecting';
        this.lostAt = null; // by performance.now()
        this.failures = 0;
        this.usesSocket = typeof WebSocket === 'function';
        this.isSocketProven = false; // once one has opened, the page stays with them
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
        const limit = this.usesSocket && !this.isSocketProven ? openLimit : silenceLimit;
        if (this.source && performance.now() - this.heardAt > limit) {
            this.#setLink('lost');
            this.#turn();
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
        this.begunAt = this.heardAt = performance.now();
        this.source = this.usesSocket ? this.#openSocket() : this.#openEvents();
    }

    #address(path, lastId) {
        const query = new URLSearchParams();
        if (this.exchanger) query.set('exchanger', this.exchanger);
        if (lastId) query.set('last_event_id', lastId);
        const asked = query.toString();
        return `/api/v2/${path}${asked && `?${asked}`}`;
    }

    /// Begins with a snapshot, since a version does not tell whether its replica was standalone.
    #openSocket() {
        const address = new URL(this.#address('ws'), location.href);
        address.protocol = address.protocol.replace('http', 'ws');
        const socket = new WebSocket(address);
        this.lastId = '';
        this.isAnswer = true;
        socket.addEventListener('open', () => (this.isSocketProven = true));
        socket.addEventListener('message', ({ data }) => {
            const message = JSON.parse(data);
            this.#take(socket, message.event, message);
        });
        socket.addEventListener('close', () => this.#failSocket(socket));
        return socket;
    }

    #openEvents() {
        this.hadId = false;
        this.goesOn = Boolean(this.lastId);
        this.isAnswer = !this.goesOn; // a message on a resumed connection may have been rendered for other clients earlier
        const source = new EventSource(this.#address('stream', this.lastId));
        for (const kind of ['snapshot', 'changes', 'heartbeat']) {
            source.addEventListener(kind, ({ data, lastEventId }) => {
                // Empty after one, or with a snapshot: no other replica knows this version.
                if (lastEventId || this.hadId || kind === 'snapshot') this.lastId = lastEventId;
                this.hadId ||= lastEventId !== '';
                this.#take(source, kind, JSON.parse(data));
            });
        }
        // A client that resumes gets no message until something changes.
        source.addEventListener('open', () => this.lastId && this.#setLink('live'));
        source.addEventListener('error', () => this.#failEvents(source));
        return source;
    }

    #take(source, kind, message) {
        if (source !== this.source) return;
        const { begunAt, isAnswer } = this;
        this.heardAt = performance.now();
        this.failures = 0;
        this.isAnswer = false;
        this.onMessage(kind, message, { begunAt, isAnswer });
        if (source === this.source) this.#setLink('live');
    }

    #failSocket(socket) {
        if (socket !== this.source) return;
        this.#setLink('lost');
        this.heardAt = performance.now();
        this.#turn();
        this.#wait(longestSocketWait);
    }

    /// A browser reconnects by itself after a broken connection, but not after an HTTP error such as a proxy's 502,
    /// and it resumes from the URL's original version.
    #failEvents(source) {
        if (source !== this.source) return;
        this.#setLink('lost');
        this.heardAt = performance.now();
        const mustForget = this.goesOn && !this.lastId;
        if (source.readyState !== EventSource.CLOSED && !mustForget) return;
        source.close();
        this.#turn();
        this.#wait(longestWait);
    }

    #turn() {
        if (!this.isSocketProven && typeof WebSocket === 'function') this.usesSocket = !this.usesSocket;
    }

    #wait(longest) {
        const wait = Math.min(longest, firstWait * 2 ** this.failures++);
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
