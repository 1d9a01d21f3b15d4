// The page's own texts in the reader's language. Texts of the service are not translated.
import { english } from './text_en.js';
import { russian } from './text_ru.js';

const languages = { en: english, ru: russian };
const listeners = [];
const venues = new Map(); // by identifier, as the service describes them
let language = first();

function first() {
    const stored = remembered();
    if (stored in languages) return stored;
    const known = (globalThis.navigator?.languages ?? []).map((each) => each.slice(0, 2).toLowerCase());
    return known.find((each) => each in languages) ?? 'en';
}

function remembered() {
    try {
        return localStorage.getItem('language') ?? '';
    } catch {
        return ''; // the browser stores nothing
    }
}

export const locale = () => (language === 'ru' ? 'ru-RU' : 'en-GB');
export const currentLanguage = () => language;

/// `{name}` in a text is replaced by the value of that name.
export function say(key, values = {}) {
    const words = languages[language][key] ?? english[key] ?? key;
    return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/// As `say`; returns `other` if there is no such text.
export function sayOr(other, key, values) {
    return key in english ? say(key, values) : other;
}

/// A text about an exchanger's rates. The consensus is no venue, so a text may have a form for it.
export function sayOf(key, exchanger, values = {}) {
    const form = `${key}_${exchanger}`;
    return say(form in english ? form : key, { exchanger: venueName(exchanger), ...values });
}

/// The name of a venue as people write it, once the service has told it.
export function venueName(venue) {
    const told = venues.get(venue);
    return (language === 'ru' ? told?.name_ru : told?.name) ?? venue ?? '';
}

/// `known` is the document of /api/v2/exchangers.
export function learnVenueNames(known) {
    for (const each of known.exchangers) venues.set(each.exchanger, each);
    for (const each of known.sources) venues.set(each.venue, each);
}

export function onLanguage(listener) {
    listeners.push(listener);
}

export function setLanguage(name) {
    language = name;
    try {
        localStorage.setItem('language', name);
    } catch {
        // Otherwise it lasts as long as the page.
    }
    translatePage();
    listeners.forEach((listener) => listener());
}

/// The texts in the document itself.
export function translatePage() {
    document.documentElement.lang = language;
    for (const node of document.querySelectorAll('[data-say]')) node.textContent = say(node.dataset.say);
}
