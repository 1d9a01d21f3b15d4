// Runs the JavaScript of standard input in a page of the service, until its console has shown all the words.
// Usage: run_in_browser.mjs URL SECONDS WORD...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../npm/package.json", import.meta.url));
const puppeteer = require("puppeteer-core");
const [url, seconds, ...words] = process.argv.slice(2);
const code = readFileSync(0, "utf8");

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
let timer;
try {
  const page = await browser.newPage();
  let shown = "";
  const finished = new Promise((resolve, reject) => {
    page.on("console", (message) => {
      shown += `${message.text()}\n`;
      if (words.every((word) => shown.includes(word))) resolve();
    });
    page.on("pageerror", reject);
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s, shown: ${shown}`)), seconds * 1000);
  });
  await page.goto(`${url}/livez`);
  await page.addScriptTag({ content: code, type: "module" });
  await finished;
  process.stdout.write(shown);
} finally {
  clearTimeout(timer);
  await browser.close();
}
