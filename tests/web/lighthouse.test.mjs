// Lighthouse and axe on both pages: `make lighthouse`, which prints a table. Not among the tests, since a busy machine is slower.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { base, close, findViolations, narrow, openBrowser, openPage, until, wide } from './browser.mjs';

const needs = createRequire(new URL('../npm/', import.meta.url));
const { default: lighthouse, desktopConfig } = await import(pathToFileURL(needs.resolve('lighthouse')));

const runs = Number(process.env.KURS_RUNS ?? 3);
const performanceLimit = { '/': 95, '/docs': 0 };
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];
const table = [];

let browser;
before(async () => {
    browser = await openBrowser();
});
after(async () => {
    await browser.close();
    console.table(table);
});

async function measure(path, config) {
    const page = await browser.newPage();
    const { lhr } = await lighthouse(base + path, { logLevel: 'error', onlyCategories: categories }, config, page);
    await page.close();
    assert.equal(lhr.runtimeError, undefined);
    return lhr;
}

const performanceOf = ({ categories: { performance } }) => Math.round(performance.score * 100);
const scores = ({ categories: found }) =>
    Object.fromEntries(categories.map((name) => [name, Math.round(found[name].score * 100)]));
const failed = ({ audits, categories: { accessibility } }) =>
    accessibility.auditRefs.map(({ id }) => audits[id]).filter(({ score }) => score === 0).map(({ title }) => title);

async function countViolations(path, view) {
    const page = await openPage(browser, { path, view });
    await until(page, 'rates or operations', () => document.querySelector('tbody .row[data-state="fresh"], .opblock'));
    const violations = await findViolations(page);
    await close(page);
    return violations.length;
}

for (const path of ['/', '/docs']) {
    for (const [form, config, view] of [
        ['desktop', desktopConfig, wide],
        ['mobile', undefined, narrow],
    ]) {
        test(`Lighthouse and axe: ${path}, ${form}`, async () => {
            const found = [];
            for (let run = 0; run < runs; ++run) found.push(await measure(path, config));
            found.sort((one, other) => performanceOf(one) - performanceOf(other));
            const median = found[Math.floor(runs / 2)];
            const { audits } = median;
            const row = { path, form, ...scores(median), runs: found.map(performanceOf).join() };
            for (const name of ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'total-byte-weight'])
                row[name] = audits[name].displayValue;
            row['benchmark index'] = found.map(({ environment }) => Math.round(environment.benchmarkIndex)).join();
            row.axe = await countViolations(path, view);
            table.push(row);
            assert.equal(row.accessibility, 100, failed(median).join());
            assert.equal(row.axe, 0);
            // The best run counts here, because what else the machine does only makes a run slower.
            assert.ok(performanceOf(found.at(-1)) >= performanceLimit[path], JSON.stringify(row));
            assert.ok(audits['cumulative-layout-shift'].numericValue < 0.05, JSON.stringify(row));
        });
    }
}
