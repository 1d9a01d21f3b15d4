// The failover history: which exchanger was active, from when to when, and why; newest first.
import { element } from './element.js';
import { countText, momentText } from './number.js';
import { choiceText } from './reasons.js';
import { say, venueName } from './text.js';

const mostShown = 8;

export function showJournal(place, spells) {
    const key = JSON.stringify(spells);
    const isOpen = place.querySelector('details')?.open ?? false;
    // Unchanged content is kept, since a reader may be using it.
    if (key === place.shown && document.documentElement.lang === place.shownIn) return;
    place.shown = key;
    place.shownIn = document.documentElement.lang;
    if (spells.length === 0) return place.replaceChildren(element('p', { class: 'small' }, say('journal_none')));
    const rows = spells.toReversed().map(rowOf);
    place.replaceChildren(element('ol', {}, ...rows.slice(0, mostShown)));
    if (rows.length <= mostShown) return;
    const rest = element(
        'details',
        {},
        element('summary', {}, say('journal_earlier', { count: countText(rows.length - mostShown) })),
        element('ol', {}, ...rows.slice(mostShown)),
    );
    rest.open = isOpen;
    place.append(rest);
}

function rowOf({ exchanger, from, to, reason }) {
    const { text, lang } = choiceText(reason);
    return element(
        'li',
        { class: to ? '' : 'present' },
        element('strong', {}, venueName(exchanger)),
        element(
            'span',
            { class: 'number when' },
            element('time', { datetime: from }, momentText(from)),
            ' – ',
            to ? element('time', { datetime: to }, momentText(to)) : say('now'),
        ),
        element('span', { class: 'why', lang }, text),
    );
}
