// Why a rate has no price, in the reader's language, from the members of version 2.
import { momentText, wholeSpanText } from './number.js';
import { say, venueName } from './text.js';

const askEvery = 60000; // ms between two requests for the same direction
const limit = 4000; // ms

/// `kind` is the state of the course (freshness.js) at `now`, `background` what is known of its direction.
export function reasonOf(course, kind, now, exchanger, background) {
    if (kind === 'fresh') return '';
    if (kind === 'untimed') return say('why_untimed');
    if (kind === 'overdue') return say('why_overdue', { time: momentText(course.fresh_until) });
    if (kind === 'unknown') {
        const { observed_at: observedAt } = course;
        return observedAt ? say('why_unknown', { time: momentText(observedAt) }) : say('why_unknown_ever');
    }
    if (kind === 'disputed') return say('why_disputed', { exchanger: venueName(exchanger) });
    return kind === 'stale' ? whyStale(course, now, exchanger, background) : whyAbsent(course, exchanger, background);
}

function whyStale(course, now, exchanger, background) {
    const { legs, direction, observed_at: observedAt, fresh_until: freshUntil } = course;
    const endOf = (leg) => Date.parse(leg.observed_at) + background.limitOf(direction, exchanger, leg);
    const ended = legs.length === 1 ? legs[0] : legs.find((leg) => endOf(leg) === Date.parse(freshUntil));
    const isKnown = background.knows(direction, exchanger);
    const unconfirmed = isKnown && legs.find((leg) => leg.confirmed_at && endOf(leg) > Date.parse(freshUntil));
    if (unconfirmed && (!ended || ended === unconfirmed)) {
        const time = momentText(unconfirmed.confirmed_at);
        return say('why_unconfirmed', { venue: venueName(unconfirmed.venue), time });
    }
    const span = wholeSpanText(Math.max(0, now - Date.parse(ended ? ended.observed_at : observedAt)));
    return ended ? say('why_silent', { venue: venueName(ended.venue), span }) : say('why_stale', { span });
}

function whyAbsent({ direction, consensus }, exchanger, background) {
    if (consensus) return say('why_few', { counted: consensus.counted, all: consensus.exchangers.length });
    if (!exchanger) return say('why_none_yet');
    const name = venueName(exchanger);
    if (background.lacksRoute(direction, exchanger)) return say('why_no_route', { exchanger: name });
    return say('why_missing', { exchanger: name });
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
