// The venues: which one is active, which are on standby, and their feeds.
import { element, setAttribute, setText } from './element.js';
import { momentText, spanText } from './number.js';
import { say, sayOr, venueName } from './text.js';

const cards = new Map(); // by venue: kept, since a reader may have opened one

/// `known` is the document of /api/v2/exchangers, or null; `silentSince` is when it last arrived, unless that is now.
export function showVenues(place, known, silentSince) {
    const words = !known
        ? say('venues_waiting')
        : silentSince
          ? say('venues_unknown', { time: momentText(silentSince) })
          : null;
    place.classList.toggle('unknown', Boolean(words));
    if (words) return place.replaceChildren(element('p', { class: 'small' }, words));
    const exchangers = known.exchangers.map((each) => showCard(each.exchanger, each.lines, known.as_of, marksOf(each)));
    const sources = known.sources.map((each) =>
        showCard(each.venue, each.lines, known.as_of, [element('span', { class: 'small' }, say('source'))]),
    );
    const all = [...exchangers, ...sources];
    const isSame = all.length === place.children.length && all.every((node, index) => node === place.children[index]);
    if (!isSame) place.replaceChildren(...all);
}

function marksOf(exchanger) {
    const { fresh, directions, disputed } = exchanger;
    const words = say('fresh_of', { fresh, all: directions }) + (disputed > 0 ? say('disputed_of', { disputed }) : '');
    return [badgeOf(exchanger), element('span', { class: 'small' }, words)];
}

function badgeOf({ fresh, is_active: isActive }) {
    if (fresh === 0) return element('span', { class: 'badge', 'data-kind': 'bad' }, say('lacking'));
    return element(
        'span',
        { class: 'badge', 'data-kind': isActive ? 'good' : 'idle' },
        say(isActive ? 'serving' : 'standby'),
    );
}

function showCard(venue, lines, asOf, marks) {
    if (!cards.has(venue)) cards.set(venue, makeCard(venue));
    const { node, head, sum, more, dot, state, facts, summary, list } = cards.get(venue);
    head.replaceChildren(element('h3', {}, venueName(venue)), ...marks);
    sum.hidden = more.hidden = lines.length === 0; // the consensus has no feed
    const summed = sumOf(lines);
    setAttribute(dot, 'data-line', summed.state);
    setText(state, summed.words);
    const lastTick = lines.map((line) => line.last_tick_at).filter(Boolean).sort().at(-1);
    facts.replaceChildren(...tickOf(lastTick, asOf));
    setText(summary, say('details'));
    list.replaceChildren(...lines.map((line) => lineOf(line, asOf)));
    return node;
}

/// What the feeds are together. One that waits for its first poll is no fault: a venue may poll only while its stream is down.
export function sumOf(lines) {
    const states = lines.map((line) => line.state).filter((state) => state !== 'waiting');
    if (states.length === 0) return { state: 'waiting', words: say('line_waiting') };
    const live = states.filter((state) => state === 'live').length;
    if (live > 0 && live < states.length)
        return { state: 'connecting', words: say('feeds_live', { live, all: states.length }) };
    const worst = ['stale', 'backing_off', 'connecting'].find((each) => states.includes(each)) ?? 'live';
    return { state: worst, words: say(`line_${worst}`) };
}

function makeCard(venue) {
    const head = element('div', { class: 'venue-head' });
    const state = element('strong');
    const dot = element('span', { class: 'line-name' }, element('span', { class: 'dot' }), state);
    const facts = element('span', { class: 'facts' });
    const summary = element('summary');
    const list = element('ul');
    const sum = element('p', { class: 'venue-sum' }, dot, facts);
    const more = element('details', {}, summary, list);
    const node = element('article', { class: 'venue', 'data-venue': venue }, head, sum, more);
    return { node, head, sum, more, dot, state, facts, summary, list };
}

const fact = (name, value) =>
    element('span', { class: 'fact' }, `${say(name)} `, element('b', { class: 'number' }, value));

/// Some feeds deliver no ticks; for a feed that has delivered none, nothing is shown.
function tickOf(lastTick, asOf) {
    if (!lastTick) return [];
    const span = spanText(Math.max(0, Date.parse(asOf) - Date.parse(lastTick)));
    return [fact('line_tick', say('ago', { span }))];
}

function lineOf(line, asOf) {
    const facts = [];
    if (line.since) facts.push(fact('line_since', momentText(line.since)));
    facts.push(...tickOf(line.last_tick_at, asOf), fact('line_reconnects', String(line.reconnects)));
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
