// A headless Chromium for the browser tests. The test says what to do, a line of JSON for each step on standard
// input, and has a line back when it is done or has failed: {"ok":true,"value":…} or {"ok":false,"error":…}.
// Started by t/lib/Chatd/Test/Browser.pm. It knows nothing of the page; whatever a page complains of is kept for the
// test to ask.
//
//   node driver.mjs FOLDER-WITH-node_modules CHROMIUM

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, executablePath] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const browser = await chromium.launch({ executablePath, args: ["--disable-dev-shm-usage", "--disable-gpu"] });
const windows = new Map(); // name → { context, page, complaints }

async function open({ window, url, width = 1100, height = 750, dark = false, touch = false }) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light", hasTouch: touch, locale: "en-GB", bypassCSP: false,
  });
  await adopt(window, context, url, []);
}

// Another tab beside one that is open: the same storage.
async function tab({ window, beside, url }) {
  const { context, complaints } = windows.get(beside);
  await adopt(window, context, url, complaints);
}

async function adopt(name, context, url, complaints) {
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => foreign(request.url(), url) && complaints.push(`a request to ${request.url()}`));
  windows.set(name, { context, page, complaints });
  await page.goto(url);
}

function foreign(address, home) {
  return /^(https?|wss?):/.test(address) && new URL(address).host !== new URL(home).host;
}

function find(page, { role, name, exact = true, label, text, css, nth }) {
  const found = role ? page.getByRole(role, { ...(name === undefined ? {} : { name, exact }) })
    : label ? page.getByLabel(label, { exact }) : text !== undefined ? page.getByText(text, { exact }) : page.locator(css);
  return nth === undefined ? found.first() : found.nth(nth);
}

const steps = {
  open, tab,
  close: ({ page }) => page.close(),
  goto: ({ page, url }) => page.goto(url),
  reload: ({ page }) => page.reload(),
  size: ({ page, width, height }) => page.setViewportSize({ width, height }),
  dark: ({ page, dark }) => page.emulateMedia({ colorScheme: dark ? "dark" : "light" }),
  click: ({ page, ...what }) => find(page, what).click(),
  fill: ({ page, value, ...what }) => find(page, what).fill(value),
  type: ({ page, value }) => page.keyboard.type(value),
  press: ({ page, key }) => page.keyboard.press(key),
  focus: ({ page, ...what }) => find(page, what).focus(),
  see: ({ page, ...what }) => find(page, what).waitFor(),
  vanish: ({ page, ...what }) => find(page, what).waitFor({ state: "hidden" }),
  texts: ({ page, css }) => page.locator(css).filter({ visible: true }).allInnerTexts(),
  evaluate: ({ page, code }) => page.evaluate(code),
  wait: ({ page, code }) => page.waitForFunction(code).then(() => null),
  // `hidden` as when another tab is in front: headless Chromium always calls a page visible.
  hide: ({ page, hidden }) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden),
  permit: ({ context }) => context.grantPermissions(["notifications"]),
  shot: ({ page, path }) => page.screenshot({ path, animations: "disabled" }).then(() => null),
  axe: ({ page }) => violations(page),
  complaints: ({ complaints }) => complaints.splice(0),
};

// In a world of its own, so that the page's policy on scripts stays as it is.
async function violations(page) {
  const { readFileSync } = require("node:fs");
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { contextId, expression: readFileSync(axe, "utf8") });
  const { result } = await session.send("Runtime.evaluate", {
    contextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run().then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ": " + help + " at " + target + " " + failureSummary)))`,
  });
  return result.value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { step, window, limit = 30, ...what } = JSON.parse(line);
  const known = windows.get(window);
  known?.page.setDefaultTimeout(limit * 1000);
  let answer;
  try {
    answer = { ok: true, value: (await steps[step]({ ...known, window, ...what })) ?? null };
  } catch (error) {
    answer = { ok: false, error: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
