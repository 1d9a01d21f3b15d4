// The venues: which one is active, which are on standby, and each of their feeds.
import { element } from './element.js';
import { momentText, spanText } from './number.js';
import { say, sayOr, venueName } from './text.js';

/// `known` is the document of /api/v2/exchangers, or null; `silentSince` is when it last arrived, unless that is now.
export function showVenues(place, known, silentSince) {
    const words = !known
        ? say('venues_waiting')
        : silentSince
          ? say('venues_unknown', { time: momentText(silentSince) })
          : null;
    place.classList.toggle('unknown', Boolean(words));
    if (words) return place.replaceChildren(element('p', { class: 'small' }, words));
    const exchangers = known.exchangers.map((each) =>
        card(each.exchanger, each.lines, known.as_of, [
            badgeOf(each),
            element('span', { class: 'small' }, say('fresh_of', { fresh: each.fresh, all: each.directions }) +
                (each.disputed > 0 ? say('disputed_of', { disputed: each.disputed }) : '')),
        ]),
    );
    const sources = known.sources.map((each) =>
        card(each.venue, each.lines, known.as_of, [element('span', { class: 'small' }, say('source'))]),
    );
    place.replaceChildren(...exchangers, ...sources);
}

function badgeOf({ fresh, is_active: isActive }) {
    if (fresh === 0) return element('span', { class: 'badge', 'data-kind': 'bad' }, say('lacking'));
    return element(
        'span',
        { class: 'badge', 'data-kind': isActive ? 'good' : 'idle' },
        say(isActive ? 'serving' : 'standby'),
    );
}

function card(venue, lines, asOf, marks) {
    return element(
        'article',
        { class: 'venue', 'data-venue': venue },
        element('div', { class: 'venue-head' }, element('h3', {}, venueName(venue)), ...marks),
        element('ul', {}, ...lines.map((line) => lineOf(line, asOf))),
    );
}

function lineOf(line, asOf) {
    const fact = (name, value) =>
        element('span', { class: 'fact' }, `${say(name)} `, element('b', { class: 'number' }, value));
    const facts = [];
    if (line.since) facts.push(fact('line_since', momentText(line.since)));
    // Some feeds deliver no ticks; for a feed that has delivered none, nothing is shown.
    if (line.last_tick_at) {
        const span = spanText(Math.max(0, Date.parse(asOf) - Date.parse(line.last_tick_at)));
        facts.push(fact('line_tick', say('ago', { span })));
    }
    facts.push(fact('line_reconnects', String(line.reconnects)));
    return element(
        'li',
        { 'data-line': line.state },
        element(
            'span',
            { class: 'line-name' },
            element('span', { class: 'dot' }),
            line.name,
            ' ',
            element('strong', {}, sayOr(line.state, `line_${line.state}`)),
        ),
        element('span', { class: 'facts' }, ...facts),
        line.reason ? element('span', { class: 'why', lang: 'en' }, line.reason) : null,
    );
}
