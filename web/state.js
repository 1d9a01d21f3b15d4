// The state of the service, updated message by message.

export class Courses {
    byDirection = new Map();
    exchanger = null;
    version = null;
    asOf = null;

    /// Returns whether the list of directions has changed.
    apply(kind, message) {
        const before = [...this.byDirection.keys()].join();
        if (kind === 'snapshot' || message.exchanger !== this.exchanger) this.byDirection.clear();
        for (const course of message.courses ?? []) this.byDirection.set(course.direction, course);
        this.exchanger = message.exchanger;
        this.version = message.version;
        this.asOf = message.as_of;
        return before !== [...this.byDirection.keys()].join();
    }

    /// A heartbeat: nothing has changed up to a later time.
    confirm({ as_of: asOf }) {
        this.asOf = asOf;
    }

    forget() {
        this.byDirection.clear();
        this.exchanger = this.version = this.asOf = null;
    }
}
