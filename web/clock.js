// Estimates the service's time, whatever this device's clock says.

const keptFor = 600000; // ms for which the best bound is kept, however late later messages arrive
const drift = 0.0005; // ms per ms by which the two clocks may drift apart
const longestJump = 250; // ms by which the device's two clocks may diverge before neither is trusted

/// Every message of the service contains the time at which it was written. The service's time now is at least that
/// time. If the message answers a request, it was written after the request was sent, so the service's time now is at
/// most that time plus the duration of the request. The true time lies between the best bounds. The page uses the
/// upper bound: it errs by up to a round trip, and never shows a price as younger than it is.
export class ServerClock {
    #least = null; // {ms, at}: the offset from the steady clock, and the steady time at which it was measured
    #most = null;
    #apart = null;
    #wokeAt = -Infinity;
    #onSlept;
    #read;

    constructor(onSlept = () => {}, read = { steady: () => performance.now(), wall: () => Date.now() }) {
        this.#onSlept = onSlept;
        this.#read = read;
    }

    /// Reports a message written at `sentAt` that has just arrived on a connection begun at `begunAt` (steady clock).
    /// Returns whether it is used: a connection begun before the device slept may hold old messages.
    hear(sentAt, begunAt) {
        if (this.#hasSlept() || begunAt < this.#wokeAt || !Number.isFinite(sentAt)) return false;
        const at = this.#read.steady();
        this.#least = better(this.#least, { ms: sentAt - at, at }, -drift);
        return true;
    }

    /// The same for a message known to be written after `askedAt`.
    hearAnswer(sentAt, askedAt) {
        if (!this.hear(sentAt, askedAt)) return;
        if (this.#isRefuted()) this.#most = null;
        this.#most = better(this.#most, { ms: sentAt - askedAt, at: askedAt }, drift);
    }

    /// Milliseconds since the Unix epoch; null if unknown. If the bounds contradict each other, the later one wins.
    now() {
        if (this.#hasSlept() || this.#most === null) return null;
        const at = this.#read.steady();
        return at + Math.max(aged(this.#least, at, -drift), aged(this.#most, at, drift));
    }

    /// The service's clock was set forward, or replicas disagree.
    #isRefuted() {
        const at = this.#read.steady();
        return this.#most !== null && aged(this.#most, at, drift) < aged(this.#least, at, -drift);
    }

    /// The steady clock may stop while a device sleeps: values would look younger than they are.
    #hasSlept() {
        const apart = this.#read.wall() - this.#read.steady();
        this.#apart ??= apart;
        if (Math.abs(apart - this.#apart) <= longestJump) return false;
        this.#apart = apart;
        this.#least = this.#most = null;
        this.#wokeAt = this.#read.steady();
        this.#onSlept();
        return true;
    }
}

const aged = (bound, at, rate) => bound.ms + rate * (at - bound.at);

/// A bound widens with time, at `rate`: upwards if it is an upper bound.
function better(known, heard, rate) {
    if (known === null || heard.at - known.at > keptFor) return heard;
    return (heard.ms - aged(known, heard.at, rate)) * rate < 0 ? heard : known;
}
