// Why a rate has no price, in the reader's language, from the members of version 2.
import { momentText, wholeSpanText } from './number.js';
import { say, sayOr, venueName } from './text.js';

const askEvery = 60000; // ms between two requests for the same direction
const limit = 4000; // ms

/// The reason as {key, cause, at}: `cause` is who or how many, `at` the moment in ms that it counts from. Null for a fresh course.
/// `kind` is the state of the course (freshness.js), `background` what is known of its direction.
export function reasonOf(course, kind, exchanger, background) {
    const { observed_at: observedAt, fresh_until: freshUntil } = course;
    if (kind === 'fresh') return null;
    if (kind === 'untimed') return { key: 'untimed' };
    if (kind === 'overdue') return { key: 'overdue', at: Date.parse(freshUntil) };
    if (kind === 'unknown') return observedAt ? { key: 'unknown', at: Date.parse(observedAt) } : { key: 'unknown_ever' };
    if (kind === 'disputed') return { key: 'disputed', cause: { exchanger } };
    return kind === 'stale' ? whyStale(course, exchanger, background) : whyAbsent(course, exchanger, background);
}

function whyStale(course, exchanger, background) {
    const { legs, direction, observed_at: observedAt, fresh_until: freshUntil } = course;
    const endOf = (leg) => Date.parse(leg.observed_at) + background.limitOf(direction, exchanger, leg);
    const ended = legs.length === 1 ? legs[0] : legs.find((leg) => endOf(leg) === Date.parse(freshUntil));
    const isKnown = background.knows(direction, exchanger);
    const unconfirmed = isKnown && legs.find((leg) => leg.confirmed_at && endOf(leg) > Date.parse(freshUntil));
    if (unconfirmed && (!ended || ended === unconfirmed)) {
        const { venue, confirmed_at: confirmedAt } = unconfirmed;
        return { key: 'unconfirmed', cause: { venue }, at: Date.parse(confirmedAt) };
    }
    if (ended) return { key: 'silent', cause: { venue: ended.venue }, at: Date.parse(ended.observed_at) };
    return { key: 'stale', at: Date.parse(observedAt) };
}

function whyAbsent({ direction, consensus }, exchanger, background) {
    if (consensus) return { key: 'few', cause: { counted: consensus.counted, all: consensus.exchangers.length } };
    if (!exchanger) return { key: 'none_yet' };
    return { key: background.lacksRoute(direction, exchanger) ? 'no_route' : 'missing', cause: { exchanger } };
}

/// The words for one rate, or, with `isOfAll`, for all of them.
export function reasonText({ key, cause = {}, at }, now, isOfAll = false) {
    const { venue, exchanger, counted, all } = cause;
    const values = { venue: venueName(venue), exchanger: venueName(exchanger), counted, all };
    if (at !== undefined) Object.assign(values, { time: momentText(at), span: wholeSpanText(Math.max(0, now - at)) });
    return (isOfAll && sayOr(null, `all_${key}`, values)) || say(`why_${key}`, values);
}

/// The reason that most of the rates share, as of the latest of its moments; null if there is none, or if a rate is fresh. A stale
/// rate whose silent venue is not known yet counts for any reason.
export function commonReason(reasons) {
    if (reasons.includes(null)) return null;
    const covered = (common) => reasons.filter((each) => isCovered(each, common));
    const best = reasons.toSorted((one, other) => covered(other).length - covered(one).length)[0];
    if (!best || covered(best).length <= reasons.length / 2) return null;
    if (best.at === undefined) return best;
    const moments = covered(best).filter(({ key }) => key === best.key).map(({ at }) => at);
    return { ...best, at: Math.max(...moments) };
}

/// Whether the words for all of the rates explain this one.
export function isCovered(reason, common) {
    if (!reason || !common) return false;
    if (reason.key === 'stale') return true;
    return reason.key === common.key && JSON.stringify(reason.cause) === JSON.stringify(common.cause);
}

/// What the courses do not contain: the age limits of legs, and which exchangers have a route. It is read from
/// /api/v2/courses/{direction}/explain when a rate has no price.
export class Background {
    #told = new Map(); // direction: the exchangers of its explanation
    #askedAt = new Map();
    #isAsking = false;

    /// Returns whether something is known that was not before.
    async ask(direction) {
        const isRecent = performance.now() - (this.#askedAt.get(direction) ?? -Infinity) < askEvery;
        if (isRecent || this.#isAsking) return false;
        this.#isAsking = true;
        this.#askedAt.set(direction, performance.now());
        try {
            const options = { cache: 'no-store', signal: AbortSignal.timeout(limit) };
            const answer = await fetch(`/api/v2/courses/${direction}/explain`, options);
            if (answer.ok) this.learn(await answer.json());
            return answer.ok;
        } catch {
            return false;
        } finally {
            this.#isAsking = false;
        }
    }

    learn({ direction, exchangers }) {
        this.#told.set(direction, exchangers);
    }

    knows(direction, exchanger) {
        return Boolean(this.#find(direction, exchanger)?.quote);
    }

    /// In ms; NaN if unknown.
    limitOf(direction, exchanger, { venue, symbol }) {
        const legs = this.#find(direction, exchanger)?.quote?.legs ?? [];
        return legs.find((leg) => leg.venue === venue && leg.symbol === symbol)?.max_age_ms ?? NaN;
    }

    lacksRoute(direction, exchanger) {
        const found = this.#find(direction, exchanger);
        return found !== undefined && found.route === null && exchanger !== 'consensus';
    }

    #find(direction, exchanger) {
        return this.#told.get(direction)?.find((each) => each.exchanger === exchanger);
    }
}

const choice = /^(preferred and healthy, )?(\d+) fresh (?:at start|against (\d+))$/;

/// Why an exchanger became active: {text, lang}. No member has the counts of fresh rates: a sentence of another form
/// stays as the service wrote it, in English.
export function choiceText(reason) {
    const [isKnown, isPreferred, fresh, against] = choice.exec(reason) ?? [];
    if (!isKnown) return { text: reason ?? '', lang: 'en' };
    const form = isPreferred ? 'chosen_preferred' : against === undefined ? 'chosen_start' : 'chosen_more';
    return { text: say(form, { fresh, against }) };
}
