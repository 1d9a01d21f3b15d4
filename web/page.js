// Assembles the page.
import { ServerClock } from './clock.js';
import { Converter } from './converter.js';
import { CourseTable } from './courses.js';
import { Days } from './day.js';
import { element, setText } from './element.js';
import { showJournal } from './journal.js';
import { Notices, findNotes } from './notices.js';
import { timeText } from './number.js';
import { askCandles } from './past.js';
import { Courses } from './state.js';
import { Stream } from './stream.js';
import { currentLanguage, learnVenueNames, onLanguage, say, sayOf, setLanguage, translatePage, venueName } from './text.js';
import { showVenues } from './venues.js';

const showEvery = 250; // ms; fast enough to look live, slow enough to read
const venuesEvery = 2000;
const venuesLimit = 4000;
const daysEvery = 300000;

const place = (id) => document.getElementById(id);
const clock = new ServerClock(wake);
const courses = new Courses();
const table = new CourseTable(place('courses'));
const converter = new Converter(place('converter'), place('converted'));
const days = new Days();
const notices = new Notices(place('notes'), place('said'));
const stream = new Stream(take, showLink);
let chosen = [...new Set(new URLSearchParams(location.search).getAll('exchanger'))].join();
let refusal = false; // whether the service rejects the chosen exchanger
let known = null; // the last document of /api/v2/exchangers
let silentSince = null; // since when that request has failed
let needsKey = false; // whether the service answers nobody without an API key
let venuesTimer = null;
let daysTimer = null;
let hasPast = true; // whether the service keeps history
const awaited = new Set(['courses', 'venues']);

function take(kind, message, { begunAt, isAnswer }) {
    const sentAt = Date.parse(message.as_of);
    if (isAnswer) clock.hearAnswer(sentAt, begunAt);
    else clock.hear(sentAt, begunAt);
    if (kind === 'heartbeat') return courses.confirm(message);
    const before = courses.exchanger;
    const hasOthers = courses.apply(kind, message);
    if (hasOthers) rebuild();
    else if (before !== courses.exchanger) {
        table.change(courses.exchanger);
        if (stream.link === 'live') recallTrends();
        show();
    }
    if (before !== courses.exchanger && before && !chosen)
        notices.tell(sayOf('said_switched', courses.exchanger));
}

/// The page appears when it has the rates and the venues (theme.js).
function loaded(part) {
    awaited.delete(part);
    if (awaited.size === 0) document.documentElement.classList.remove('loading');
}

function rebuild() {
    table.build(courses.byDirection, courses.exchanger);
    for (const [direction, row] of table.rows()) row.day = days.known(direction, courses.exchanger);
    converter.offer([...courses.byDirection.keys()]);
    show();
    loaded('courses');
}

/// Requested one after another: the page itself has priority over its decoration.
async function recallTrends() {
    const exchanger = courses.exchanger;
    for (const [direction, row] of table.rows()) {
        const found = await askCandles(direction, exchanger, '1m', 30);
        if (found.isOff) return setPast(false);
        if (exchanger !== courses.exchanger || table.rows().get(direction) !== row) return;
        row.spark.putHistory((found.candles ?? []).map(({ at, close }) => [at, close]));
    }
    recallDays();
}

async function recallDays() {
    clearTimeout(daysTimer);
    daysTimer = setTimeout(recallDays, daysEvery);
    const exchanger = courses.exchanger;
    for (const [direction, row] of document.hidden ? [] : table.rows()) {
        const found = await days.of(direction, exchanger, clock.now() ?? Date.now());
        if (found.isOff) return setPast(false);
        if (exchanger !== courses.exchanger || table.rows().get(direction) !== row) return;
        row.day = found.day ?? null;
        setPast(true);
    }
}

function setPast(isThere) {
    hasPast = isThere;
    table.showPast(isThere);
}

function show() {
    const now = clock.now();
    const lostFor = stream.lostFor();
    table.chosen = chosen;
    const { kinds, common } = table.show(courses.byDirection, now, lostFor);
    converter.follow(chosen);
    converter.show(now, lostFor);
    const notes = findNotes({ now, lostFor, kinds, common, serving: courses.exchanger, known, chosen, refusal, needsKey });
    notices.show(notes);
    const lacks = notes.some((note) => note.level === 'bad');
    const title = lacks ? `⚠ ${notes[0].head} Kurs` : 'Kurs';
    if (document.title !== title) document.title = title;
    const head = courses.exchanger ? sayOf('courses_of', courses.exchanger) : say('courses');
    setText(place('courses-head'), head);
    if (kinds.size === 0) setText(place('courses'), refusal || needsKey ? '' : say('courses_none'));
    place('link').hidden = place('convert').hidden = refusal || needsKey;
    const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' };
    const words = courses.asOf ? [say('as_of', { time: timeText(Date.parse(courses.asOf), parts) })] : [];
    if (!hasPast) words.push(say('past_off'));
    setText(place('as-of'), words.join(' · '));
}

function showLink(link) {
    if (link === 'live') recallTrends();
    place('link').dataset.link = link;
    setText(place('link-words'), say(`link_${link}`));
    show();
}

/// The device has slept. Data in the old connection may be as old as the sleep was long.
function wake() {
    stream.resume();
    askVenues();
}

/// Runs whatever happens: its responses also give the time.
async function askVenues() {
    try {
        await readVenues();
        if (known) learnVenueNames(known);
        show();
        showVenuesAndJournal();
    } finally {
        loaded('venues');
        clearTimeout(venuesTimer);
        venuesTimer = setTimeout(askVenues, document.hidden ? 5 * venuesEvery : venuesEvery);
    }
}

async function readVenues() {
    const askedAt = performance.now();
    let status = 0;
    try {
        const options = { cache: 'no-store', signal: AbortSignal.timeout(venuesLimit) };
        const answer = await fetch('/api/v2/exchangers', options);
        status = answer.status;
        if (!answer.ok) throw new Error(answer.statusText);
        known = await answer.json();
        clock.hearAnswer(Date.parse(known.as_of), askedAt);
        silentSince = null;
    } catch {
        silentSince ??= Date.now();
    }
    needsKey = status === 401;
    if (needsKey) loaded('courses');
}

function showVenuesAndJournal() {
    showVenues(place('venues'), known, silentSince);
    showJournal(place('journal'), known?.journal ?? []);
    showChoice();
}

/// The exchanger is read from the address, so the page accepts the same spellings as the API.
async function checkChoice() {
    const asked = chosen;
    try {
        const options = { cache: 'no-store', signal: AbortSignal.timeout(venuesLimit) };
        const answer = await fetch(`/api/v2/courses?${new URLSearchParams({ exchanger: asked })}`, options);
        const { exchanger } = await answer.json();
        if (asked !== chosen) return;
        if (answer.status === 400) refuse();
        else if (exchanger && (refusal || exchanger !== chosen)) choose(exchanger);
    } catch {
        // It is checked again when the exchangers are loaded.
    } finally {
        if (!refusal && !stream.source) stream.open(chosen);
    }
}

/// A requested exchanger is never replaced by another one.
function refuse() {
    refusal = true;
    loaded('courses');
    stream.close();
    courses.forget();
    table.build(courses.byDirection, null);
    show();
}

function showChoice() {
    const names = ['', ...(known?.exchangers.map((each) => each.exchanger) ?? [])];
    // An unlisted name may be an alias; a rejected one may have been added since.
    if (known && names.includes(chosen) === refusal) checkChoice();
    const choice = place('exchangers');
    const key = `${names} ${currentLanguage()}`;
    if (choice.dataset.shown === key) return;
    choice.dataset.shown = key;
    choice.querySelectorAll('label').forEach((label) => label.remove());
    for (const name of names) {
        const input = element('input', { type: 'radio', name: 'exchanger', value: name });
        input.checked = name === chosen;
        choice.append(element('label', {}, input, element('span', {}, name ? venueName(name) : say('exchanger_auto'))));
    }
    revealChoice();
}

/// On a phone, the exchangers are wider than the page.
function revealChoice() {
    const label = document.querySelector('input[name=exchanger]:checked')?.parentNode;
    if (label) label.parentNode.scrollLeft = label.offsetLeft - label.parentNode.offsetWidth / 2;
}

function choose(exchanger) {
    chosen = exchanger;
    refusal = false;
    check('exchanger', chosen);
    history.replaceState(null, '', exchanger ? `?exchanger=${encodeURIComponent(exchanger)}` : location.pathname);
    courses.forget();
    table.build(courses.byDirection, null);
    stream.open(exchanger);
    show();
}

function check(name, value) {
    for (const input of document.querySelectorAll(`input[name=${name}]`)) input.checked = input.value === value;
}

document.addEventListener('change', ({ target }) => {
    if (target.name === 'exchanger') choose(target.value);
    if (target.name === 'language') setLanguage(target.value);
});
place('notes').addEventListener('click', ({ target }) => {
    if (!target.closest('.way-out')) return;
    choose('');
    document.querySelector('input[name=exchanger]')?.focus();
});
document.addEventListener('said', ({ detail }) => notices.tell(detail));
document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    show();
    recallDays();
});
onLanguage(() => {
    rebuild();
    showLink(stream.link);
    showVenuesAndJournal();
});

translatePage();
check('language', currentLanguage());
check('theme', document.documentElement.dataset.theme);
showLink('connecting');
if (chosen) checkChoice();
else stream.open('');
askVenues();
setInterval(() => {
    stream.watch();
    show();
}, showEvery);
