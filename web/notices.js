// The notices above everything else, and one-time announcements of changes.
import { element, setAttribute, setText } from './element.js';
import { lossGrace } from './freshness.js';
import { momentText, spanText } from './number.js';
import { choiceText, reasonText } from './reasons.js';
import { say, sayOf, venueName } from './text.js';

/// The current notices: [{key, level, head, more, reason: {text, lang}, hasWayOut}], most severe first. One with a way out offers Automatic.
/// `kinds` is the state of each course, `common` the reason that they share, if any, at `now`, `serving` the exchanger of the shown rates, `known` the document of /api/v2/exchangers or null, `chosen` the exchanger
/// that the reader has chosen, if any, and `refusal` whether the service rejects it. `needsKey`: the service answers nobody without an API key.
export function findNotes({ now, lostFor, kinds, common, serving, known, chosen, refusal, needsKey }) {
    if (needsKey) return [{ key: 'key', level: 'bad', head: say('note_key'), more: say('note_key_more') }];
    const notes = [];
    if (refusal) {
        const head = say('note_unknown', { exchanger: chosen });
        notes.push({ key: 'unknown', level: 'bad', head, more: say('note_unknown_more'), hasWayOut: true });
    }
    if (lostFor > 0) {
        notes.push({
            key: 'lost',
            level: 'bad',
            head: say('note_lost'),
            more: lostFor > lossGrace ? say('note_lost_more', { span: spanText(lostFor) }) : say('note_lost_grace'),
        });
    }
    const lacking = [...kinds].filter(([, kind]) => kind !== 'fresh').map(([direction]) => direction);
    if (lostFor <= lossGrace && lacking.length > 0) notes.push(noteOf(lacking, kinds, chosen, common && reasonText(common, now, true)));
    const first = known?.exchangers[0]?.exchanger;
    const isServing = lacking.length < kinds.size;
    // `known` is polled and may be older than the rates.
    const isKnown = known?.active === serving;
    if (lostFor === 0 && isServing && !chosen && serving && isKnown && serving !== first) {
        const spell = known.journal.at(-1);
        notes.push({
            key: `standin ${serving}`,
            level: 'odd',
            head: say('note_standin', { active: venueName(serving), first: venueName(first) }),
            more: spell ? say('note_standin_more', { time: momentText(spell.from) }) : '',
            reason: spell && choiceText(spell.reason),
        });
    }
    return notes;
}

/// For courses that are not fresh or whose state is unknown. `why` is the reason that they share, in words, or null.
function noteOf(lacking, kinds, chosen, why) {
    if ([...kinds.values()].includes('untimed'))
        return { key: 'untimed', level: 'odd', head: say('note_untimed'), more: say('note_untimed_more') };
    if (lacking.length === kinds.size && chosen) {
        const more = `${why ?? say('note_hidden')} ${say('note_chosen_more')}`;
        return { key: 'none', level: 'bad', head: sayOf('note_chosen', chosen), more, hasWayOut: true };
    }
    if (lacking.length === kinds.size)
        return { key: 'none', level: 'bad', head: say('note_none'), more: why ?? say('note_none_more') };
    return {
        key: `some ${lacking}`,
        level: 'odd',
        head: say('note_some', { directions: lacking.join(', ') }),
        more: say('note_some_more'),
    };
}

export class Notices {
    #keys = new Set();

    constructor(place, said) {
        this.place = place;
        this.said = said;
    }

    show(notes) {
        while (this.place.children.length > notes.length) this.place.lastChild.remove();
        notes.forEach((note, index) => {
            const node = this.place.children[index] ?? this.place.appendChild(makeNote());
            node.dataset.level = note.level;
            node.dataset.note = note.key.split(' ')[0];
            const [head, more, reason, wayOut] = node.children;
            setText(head, note.head);
            setText(more, note.more);
            setText(reason, note.reason ? `(${note.reason.text}).` : '');
            setAttribute(reason, 'lang', note.reason?.lang ?? document.documentElement.lang);
            setText(wayOut, note.hasWayOut ? say('show_automatic') : '');
            wayOut.hidden = !note.hasWayOut;
        });
        this.#tell(notes);
    }

    /// For screen readers: each new notice, and that everything works again.
    #tell(notes) {
        const keys = new Set(notes.map((note) => note.key));
        const words = notes.filter((note) => !this.#keys.has(note.key)).map((note) => note.head);
        const is = (name) =>
            [...this.#keys].some((key) => key.startsWith(name)) && ![...keys].some((key) => key.startsWith(name));
        if (is('lost')) words.push(say('said_back'));
        if ((is('none') || is('some')) && keys.size === 0) words.push(say('said_fresh'));
        this.#keys = keys;
        if (words.length > 0) this.tell(words.join(' '));
    }

    tell(words) {
        this.said.textContent = words;
    }
}

function makeNote() {
    const wayOut = element('button', { type: 'button', class: 'way-out', hidden: true });
    return element('p', { class: 'note' }, element('strong'), ' ', element('span'), ' ', element('span'), ' ', wayOut);
}
