// What time it is at the service, whatever the clock of this device says.

const keptFor = 600000; // ms for which the best of what was heard counts, however late all else comes
const drift = 0.0005; // ms a ms by which two clocks may come apart meanwhile
const longestJump = 250; // ms by which the device's two clocks may come apart before neither is believed

/// All that the service says bears the time at which it was written. That was before it came, so it is at least as
/// late there as if it had come at once. If it answers a question, that was after the question, so it is at most as
/// late as if the answer had been written at once, and had been under way for the whole time. The truth lies between
/// the best of either. The page goes by the latter: it errs by a round trip, and shows no price as younger than it is.
export class ServerClock {
    #least = null; // {ms, at}: what to add to the steady clock, and when by that clock this held
    #most = null;
    #apart = null;
    #wokeAt = -Infinity;
    #onSlept;
    #read;

    constructor(onSlept = () => {}, read = { steady: () => performance.now(), wall: () => Date.now() }) {
        this.#onSlept = onSlept;
        this.#read = read;
    }

    /// A message has just come that was written at `sentAt`, on a connection that was begun at `begunAt` by the steady
    /// clock. Returns whether it is believed: what was begun before the device slept may have waited all the while.
    hear(sentAt, begunAt) {
        if (this.#hasSlept() || begunAt < this.#wokeAt || !Number.isFinite(sentAt)) return false;
        const at = this.#read.steady();
        this.#least = better(this.#least, { ms: sentAt - at, at }, -drift);
        return true;
    }

    /// The same, where `sentAt` is known to be no earlier than `askedAt`.
    hearAnswer(sentAt, askedAt) {
        if (!this.hear(sentAt, askedAt)) return;
        if (this.#isRefuted()) this.#most = null;
        this.#most = better(this.#most, { ms: sentAt - askedAt, at: askedAt }, drift);
    }

    /// In milliseconds of the epoch; null if that is not known. If the bounds contradict one another, the later holds.
    now() {
        if (this.#hasSlept() || this.#most === null) return null;
        const at = this.#read.steady();
        return at + Math.max(aged(this.#least, at, -drift), aged(this.#most, at, drift));
    }

    /// The service's clock has been set forwards, or copies of the service disagree.
    #isRefuted() {
        const at = this.#read.steady();
        return this.#most !== null && aged(this.#most, at, drift) < aged(this.#least, at, -drift);
    }

    /// A device that slept may have stopped its steady clock: values would look younger than they are.
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

/// A bound loosens with time, at `rate`: upwards if it is an upper one.
function better(known, heard, rate) {
    if (known === null || heard.at - known.at > keptFor) return heard;
    return (heard.ms - aged(known, heard.at, rate)) * rate < 0 ? heard : known;
}
