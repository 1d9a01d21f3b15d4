// Whether what is known of a course may be shown as its price now.

/// How long a course is still shown after the connection is lost: a copy that is replaced is not missed for
/// longer. It is never shown beyond its limit.
export const lossGrace = 3000;

/// `now` is the service's time, or null. `lostFor` is how long the connection has been lost in ms; 0: it has not.
/// Returns fresh, stale, unavailable, overdue (past its limit, and nobody has said so), unknown (the connection is
/// lost) or untimed (what time it is at the service is not known).
export function judge(course, now, lostFor) {
    if (lostFor > lossGrace) return 'unknown';
    if (now === null) return 'untimed';
    if (course.state !== 'fresh') return course.state === 'stale' ? 'stale' : 'unavailable';
    if (!(now < Date.parse(course.fresh_until))) return 'overdue';
    return 'fresh';
}

/// In ms; null if nothing is known of it.
export function ageOf(course, now) {
    if (now === null || !course.observed_at) return null;
    return Math.max(0, now - Date.parse(course.observed_at));
}
