// Decides whether a course may be shown as the current price.

/// How long a course is still shown after the connection is lost, which covers the replacement of a replica. It is
/// never shown beyond its age limit.
export const lossGrace = 3000;

/// `now` is the service's time, or null. `lostFor` is how long the connection has been lost in ms; 0: connected.
/// Returns fresh, stale, disputed, unavailable, overdue (past its limit without a message about it), unknown (connection lost)
/// or untimed (the service's time is unknown).
export function judge(course, now, lostFor) {
    if (lostFor > lossGrace) return 'unknown';
    if (now === null) return 'untimed';
    if (course.state !== 'fresh') return ['stale', 'disputed'].includes(course.state) ? course.state : 'unavailable';
    if (!(now < Date.parse(course.fresh_until))) return 'overdue';
    return 'fresh';
}

/// In ms; null if unknown.
export function ageOf(course, now) {
    if (now === null || !course.observed_at) return null;
    return Math.max(0, now - Date.parse(course.observed_at));
}
