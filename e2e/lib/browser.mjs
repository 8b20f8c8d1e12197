// People with a browser each, and what no page may do to them.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import "./scratch.mjs";

export const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";

/** A browser that keeps to itself. */
export const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The machine may be busy with other things. */
export const TIMEOUT_MS = 30_000;

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
}

/**
 * Somebody new: a browser profile of their own, watched. End with `leave`, which fails if a page has misbehaved.
 * @param {import("playwright-core").Browser} browser
 * @param {string} base the address of the hall
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function arrive(browser, base, options = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: DESKTOP, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  slowDown(context);
  const watch = watchContext(context, base);
  // A page names its scripts for browsers that run some; the others say that they do not.
  if (options.javaScriptEnabled === false) watch.expect(/\/static\/\S+\.js \(csp\)$/);
  const page = await context.newPage();
  return {
    context,
    page,
    watch,
    /** The API, with the person's session. */
    api: async (method, path, data) => {
      const response = await context.request.fetch(`/api/v1${path}`, { method, ...(data && { data }) });
      assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
      return response.json();
    },
    leave: async () => {
      await context.close();
      watch.check();
    },
  };
}

/** How many times slower than it is the processor looks to a page; to try the tests on a small machine. */
const SLOWER = Number(process.env.E2E_SLOWER ?? 1);

/** @param {import("playwright-core").BrowserContext} context */
function slowDown(context) {
  if (SLOWER <= 1) return;
  context.on("page", async (page) => {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  });
}

/** Notes what no page may do: errors, refused content, failed requests, anything from elsewhere. */
export function watchContext(context, base) {
  /** @type {string[]} */
  const faults = [];
  /** @type {RegExp[]} */
  const expected = [];

  context.on("console", (message) => {
    if (message.type() !== "error" && !/content.security.policy/i.test(message.text())) return;
    faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => faults.push(`script: ${error.error().stack ?? error.error()}`));
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== base) faults.push(`elsewhere: ${request.url()}`);
  });
  context.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // The browser itself gives up what a page that is being left had asked for.
    if (reason !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} (${reason})`);
  });
  context.on("response", async (response) => {
    const type = response.request().resourceType();
    if (response.status() >= 400) faults.push(`status ${response.status()}: ${response.url()}`);
    if (type === "document" && response.status() !== 303) {
      const policy = response.headers()["content-security-policy"] ?? "";
      if (!/default-src 'none'/.test(policy) || /unsafe|\*/.test(policy)) faults.push(`policy of ${response.url()}: "${policy}"`);
    }
  });

  return {
    /** From here on, faults that match are part of the test. */
    expect: (/** @type {RegExp} */ pattern) => expected.push(pattern),
    check: () => {
      const unexpected = faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
      assert.deepEqual(unexpected, [], "what no page may do");
    },
  };
}

/** Scripts, styles and handlers within the page, which the policy would refuse. */
export async function assertNothingInline(page) {
  const inline = await page.evaluate(() => {
    const elements = [...document.querySelectorAll("*")];
    const is = (element) =>
      (element.localName === "script" && !element.hasAttribute("src")) ||
      element.localName === "style" ||
      element.hasAttribute("style") ||
      element.getAttributeNames().some((name) => name.startsWith("on")) ||
      /^\s*javascript:/i.test(element.getAttribute("href") ?? "");
    return elements.filter(is).map((element) => element.outerHTML.slice(0, 200));
  });
  assert.deepEqual(inline, [], `inline script or style on ${page.url()}`);
}

let people = 0;

/** The details of somebody who never was here. */
export function somebody(name = "Ana Costa") {
  people += 1;
  const tag = `${process.pid}-${Date.now().toString(36)}-${people}`;
  return { name, email: `e2e-${tag}@example.org`, password: "seven red umbrellas" };
}

/** Signs up through the form, from wherever one is, and ends on the dashboard. */
export async function signUp(page, person = somebody()) {
  await page.goto("/sign-up");
  await page.getByLabel("Name", { exact: true }).fill(person.name);
  await page.getByLabel("Email address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("/dashboard");
  return person;
}

/** Enters through the demo's link as one of its four people. */
export async function enterDemo(page, demoLink, role) {
  await page.goto(demoLink);
  await page.locator(`form:has(input[value="demo-${role}@example.org"]) button`).click();
  await page.waitForURL(role === "candidate" ? "/dashboard" : "/admin");
}

/** @param {import("playwright-core").Page} page */
export async function assertOneHeading(page) {
  assert.equal(await page.locator("h1").count(), 1, `one h1 on ${page.url()}`);
}
