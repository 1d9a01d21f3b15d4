// A browser for the tests, and what is told of each page that it opens.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const needs = createRequire(new URL('../npm/', import.meta.url));
const puppeteer = needs('puppeteer-core');
const axe = needs('axe-core').source;

export const base = process.env.KURS_URL;
export const limit = 30000; // ms, for whatever is waited for
export const wide = { width: 1280, height: 900 };
export const narrow = { width: 390, height: 844, isMobile: true, hasTouch: true };
export const narrowest = { width: 360, height: 740, isMobile: true, hasTouch: true };

export async function openBrowser() {
    const isRoot = process.getuid() === 0;
    return puppeteer.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--lang=en-GB', '--disable-background-networking', ...(isRoot ? ['--no-sandbox'] : [])],
    });
}

/// A page of its own storage, or with that of the page `beside`; `faults` gathers all that no page should cause. `close` checks that there is none.
export async function openPage(browser, { path = '/', view = wide, dark = false, still = true, forced = false, hasSockets = true, beside = null } = {}) {
    const context = beside?.browserContext() ?? (await browser.createBrowserContext());
    const page = await context.newPage();
    page.faults = [];
    page.on('console', (message) => {
        if (['error', 'warning', 'warn'].includes(message.type())) page.faults.push(message.text());
    });
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol !== 'data:' && origin !== base) page.faults.push(`asked another host: ${request.url()}`);
    });
    page.setDefaultTimeout(limit);
    await page.setViewport(view);
    await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
        { name: 'prefers-reduced-motion', value: still ? 'reduce' : 'no-preference' },
    ]);
    if (forced) await forceColors(page, dark);
    if (!hasSockets) await page.evaluateOnNewDocument(() => delete window.WebSocket);
    await page.evaluateOnNewDocument(observeShifts);
    await page.goto(path.startsWith('/') ? base + path : path);
    return page;
}

/// Runs in the page.
function observeShifts() {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
            const where = sources.map(({ node }) => node?.className || node?.id || node?.nodeName);
            if (!hadRecentInput) window.shifts.push({ value, where });
        }
    }).observe({ type: 'layout-shift', buffered: true });
    const watch = () => (window.hadNotice ||= document.querySelector('.note') !== null);
    new MutationObserver(watch).observe(document, { childList: true, subtree: true });
}

/// By how much the page has moved by itself: the cumulative layout shift, whose good values end at 0.1. A notice moves it on
/// purpose: a venue may fall silent on a machine that stands still.
export async function assertStill(page) {
    if (await page.evaluate(() => window.hadNotice)) return console.log('a notice has moved the page');
    const shifts = await page.evaluate(() => window.shifts);
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    assert.ok(sum < 0.05, `${sum}: ${JSON.stringify(shifts)}`);
}

/// As Windows does in high contrast. Puppeteer has no name for it.
async function forceColors(page, dark) {
    const session = await page.createCDPSession();
    await session.send('Emulation.setEmulatedMedia', {
        features: [
            { name: 'forced-colors', value: 'active' },
            { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
            { name: 'prefers-reduced-motion', value: 'reduce' },
        ],
    });
}

export async function close(page) {
    await page.browserContext().close();
    assert.deepEqual(page.faults, []);
}

/// Requests of the page that `take` takes, by returning true, go no further unless it lets them.
export async function intercept(page, take) {
    await page.setRequestInterception(true);
    page.on('request', (request) => take(request, new URL(request.url())) || request.continue());
}

/// Waits until `check`, which runs in the page, holds.
export async function until(page, what, check, ...values) {
    return untilWithin(limit, page, what, check, ...values);
}

export async function untilWithin(limit, page, what, check, ...values) {
    try {
        await page.waitForFunction(check, { polling: 50, timeout: limit }, ...values);
    } catch (error) {
        const text = await page.evaluate(() => document.body.innerText);
        throw new Error(`${what}: not within ${limit} ms (${error.message}). The page:\n${text}`);
    }
}

export const allAre = (states) =>
    [...document.querySelectorAll('tbody .row')].every((row) => states.includes(row.dataset.state));

/// What a chart says to those who do not see it.
export async function untilChart(page, label) {
    await until(
        page,
        `a chart: ${label}`,
        (wanted) => new RegExp(wanted).test(document.querySelector('.chart')?.getAttribute('aria-label')),
        label.source,
    );
}

export async function untilFresh(page, count = 8) {
    await until(
        page,
        `${count} fresh courses`,
        (wanted) => document.querySelectorAll('tbody .row[data-state="fresh"]').length === wanted,
        count,
    );
}

/// What must not happen: a row that is not fresh and shows a price, in any form.
export async function pricesShown(page) {
    return page.evaluate(() => {
        const numbers = (row) =>
            ['value', 'bid', 'ask']
                .map((name) => row.querySelector(`.${name}`))
                .filter((cell) => /\d/.test(cell.textContent) || cell.querySelector('[value], [title]'));
        return [...document.querySelectorAll('tbody .row')].flatMap((row) =>
            numbers(row).map((cell) => cell.textContent),
        );
    });
}

/// Text of the page, and nothing that is only there for the eyes.
export const textOf = (page, selector) => page.$eval(selector, (node) => node.textContent);

export async function findViolations(page) {
    await page.evaluate(() => document.getAnimations().forEach((each) => each.finish()));
    // Evaluated, since the page's policy lets no script in that is not its own.
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    return found.violations.map(
        ({ id, impact, nodes }) =>
            `${impact} ${id}: ${nodes
                .slice(0, 3)
                .map((each) => each.html.slice(0, 160))
                .join(' | ')}`,
    );
}

export async function overflow(page) {
    return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/// What a browser says of a service that is not there is no fault of the page.
export function forgiveLoss(page, status = 503) {
    const lost = new RegExp(`ERR_(CONNECTION|EMPTY|INCOMPLETE|NETWORK)|${status} \\(|^WebSocket connection to`);
    page.faults = page.faults.filter((each) => !lost.test(each));
}

/// A picture of a node. The browser looks for the node first and takes the picture later: if a notice moves the page in between, the picture
/// shows something else, and another one is taken.
export async function pictureOf(node) {
    const placeOf = () => node.evaluate((each) => JSON.stringify(each.getBoundingClientRect()));
    for (let tries = 0; tries < 20; ++tries) {
        const before = await placeOf();
        const picture = await node.screenshot({ encoding: 'base64' });
        if ((await placeOf()) === before) return picture;
    }
    throw new Error('the page does not stand still');
}

/// The colour that most pixels of what a choice shows have: what is painted, whatever the styles say.
export async function groundOf(page, input) {
    const picture = await pictureOf(await input.evaluateHandle((node) => node.parentNode.lastElementChild));
    const blank = await page.browserContext().newPage(); // the page's policy lets no picture in
    const colour = await blank.evaluate(async (data) => {
        const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
        canvas.drawImage(image, 0, 0);
        const { data: bytes } = canvas.getImageData(0, 0, image.width, image.height);
        const counts = new Map();
        for (let at = 0; at < bytes.length; at += 4) {
            const key = bytes.slice(at, at + 3).join();
            counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        return [...counts].sort((one, other) => other[1] - one[1])[0][0].split(',').map(Number);
    }, picture);
    await blank.close();
    return colour;
}

/// As WCAG has it: from 1 to 21.
export function contrast(one, other) {
    const light = (colour) => {
        const [red, green, blue] = colour
            .map((each) => each / 255)
            .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    };
    const [darker, lighter] = [light(one), light(other)].sort((a, b) => a - b);
    return lighter / darker;
}

/// A picture for people to look at, if they want any.
export async function shoot(page, name, options = {}) {
    const folder = process.env.KURS_SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: `${folder}/${name}.png`, ...options });
}

export async function fault(body) {
    const answer = await fetch(`${process.env.KURS_SIMULATOR}/faults`, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(answer.status, 201);
}

export async function mend() {
    await fetch(`${process.env.KURS_SIMULATOR}/faults`, { method: 'DELETE' });
}

/// What run.py's stage can do.
export async function tell(action) {
    const answer = await fetch(`${process.env.KURS_CONTROL}/${action}`, { method: 'POST' });
    assert.equal(answer.status, 204, action);
}
