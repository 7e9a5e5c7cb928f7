/** The page at `/ui` of a fleet's management plane, in a real browser. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startBrowser } from '../fixtures/browser.ts';
import { type LocalFleet, startLocalFleet } from '../fixtures/fleet.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { runCommand } from '../fixtures/run-command.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let fleet: LocalFleet;
let browser: Browser;
let token: string;

const SCRIPT = '<img src=x onerror="document.title=\'run\'">';

beforeAll(async () => {
  [fleet, browser] = await Promise.all([startLocalFleet(), startBrowser()]);
  await fleet.create('acme');
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'mishap', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
    reason: 'Mishap',
    message: SCRIPT,
    type: 'Warning',
    count: 3,
    firstTimestamp: new Date().toISOString(),
    lastTimestamp: new Date().toISOString(),
  };
  await fleet.run(['create', '-f', '-'], JSON.stringify(event));
  await fleet.run(['create', 'serviceaccount', 'ada']);
  await fleet.run([
    ...['create', 'clusterrolebinding', 'ada', '--clusterrole=cluster-admin', '--serviceaccount=default:ada'],
  ]);
  token = (await fleet.run(['create', 'token', 'ada'])).trim();
});
afterAll(async () => {
  await browser?.close();
  await fleet?.stop();
});

/** The requests of the page, and the messages on its console. */
interface Visit {
  readonly page: Page;
  readonly requests: string[];
  readonly console: string[];
}

async function visit(url: string): Promise<Visit> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  await page.goto(url);
  return { page, requests, console: said };
}

/** Rendered text: cells separated by tabs, rows by line breaks. */
const textOf = async (page: Page, selector: string): Promise<string> =>
  String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`));

/** Waits for matching text and returns it. */
async function awaitText(page: Page, selector: string, pattern: RegExp): Promise<string> {
  await vi.waitFor(async () => expect(await textOf(page, selector)).toMatch(pattern), {
    timeout: 30_000,
    interval: 100,
  });
  return textOf(page, selector);
}

const rows = async (page: Page, selector: string): Promise<string[][]> =>
  (await textOf(page, selector)).split('\n').map((line) => line.split('\t'));

test('an anonymous visitor sees public information, and how to log in', async () => {
  const { page, requests } = await visit(`${fleet.url}/ui`);
  await awaitText(page, '#notice', /^forbidden: User "system:anonymous" cannot get path "\/metrics"/);
  expect(await textOf(page, '#notice')).toMatch(/Log in with the token of a user who may read \/metrics/);
  expect(await textOf(page, '#readiness')).toBe('ready');
  expect(await textOf(page, '#version')).toMatch(/^v1\.\d+\.\d+/);
  expect(await textOf(page, '#control-planes')).toMatch(/cannot (list resource "controlplanes"|get path)/);
  expect(await textOf(page, '#warnings')).toMatch(/cannot list resource "events"/);
  expect(requests.filter((request) => !request.startsWith(`GET ${fleet.url}/`))).toEqual([]);
  await page.close();
});

test('with a token, it shows control planes, requests, failures, warnings and objects', async () => {
  const { page, requests, console } = await visit(`${fleet.url}/ui`);
  await page.type('#token', token);
  await page.click('#login [type=submit]');
  await awaitText(page, '#control-planes', /acme/);
  expect(await rows(page, '#control-planes')).toEqual([
    ['Name', 'Namespace', 'State', 'Version', 'Age', 'Requests', 'Refused', 'Address'],
    [
      'acme',
      'default',
      'Ready',
      expect.stringMatching(/^1\.\d+$/),
      expect.stringMatching(/^\d+[sm]$/),
      expect.stringMatching(/^\d+$/),
      '0',
      `${fleet.url}/tenants/acme`,
    ],
  ]);
  expect(await rows(page, '#warnings')).toEqual([
    ['Age', 'Object', 'Reason', 'Message', 'Times'],
    [expect.stringMatching(/^\d+s$/), 'Pod default/web', 'Mishap', SCRIPT, '3'],
  ]);
  // Rates require two samples.
  await awaitText(page, '#figures', /requests a second/);
  const figures = (await textOf(page, '#figures')).split('\n').filter((line) => line !== '');
  expect(figures.filter((_, i) => i % 2 === 1)).toEqual([
    'requests a second',
    'slowest percent',
    'requests in flight',
    'watches',
    'objects',
    'memory',
    'of a processor',
    'DynamoDB a month, at this rate',
  ]);
  expect(Number(figures[0])).toBeGreaterThan(0);
  expect(figures[10]).toMatch(/^[\d.]+ MiB$/);
  expect(figures[14]).toMatch(/^(\$|< \$)[\d.,]+$/);
  const objects = Object.fromEntries(await rows(page, '#objects'));
  expect(objects).toMatchObject({ 'controlplanes.zeroplane.dev': '1', events: '3', namespaces: '4' });
  await awaitText(page, '#requests', /GET/);
  expect(await page.$$eval('#requests polyline', ({ length }) => length)).toBeGreaterThan(0);
  expect(await awaitText(page, '#failures', /./)).toBe('No request failed.');

  // Text from the server is never executed, and the page sends only reads, and only to the server.
  expect(await page.title()).toBe('Zeroplane');
  expect(requests.filter((request) => !request.startsWith(`GET ${fleet.url}/`))).toEqual([]);
  expect(console.filter((line) => !line.includes('403'))).toEqual([]);

  // The token is kept in the page's memory only.
  expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).toBe(
    '[{},{},""]',
  );
  expect(await page.content()).not.toContain(token);
  await page.click('#logout');
  await awaitText(page, '#notice', /system:anonymous/);
  await page.close();
});

test('through kubectl proxy it needs no token', async () => {
  const kubeconfig = join(fleet.dataDir, 'admin.kubeconfig');
  writeFileSync(kubeconfig, await fleet.run(['config', 'view', '--raw']), { mode: 0o600 });
  const proxy = spawn(kubectlPath(), ['proxy', '--port=0', `--kubeconfig=${kubeconfig}`]);
  try {
    const address = await proxyAddress(proxy);
    const { page } = await visit(`http://${address}/ui`);
    await awaitText(page, '#control-planes', /acme\tdefault\tReady/);
    await page.close();
  } finally {
    proxy.kill();
    await once(proxy, 'exit');
  }
});

async function proxyAddress({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stdout! })) {
    const address = /^Starting to serve on (\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('kubectl proxy ended');
}

test('the page loads nothing external, and only reads', async () => {
  const response = await fetchInsecure('GET');
  expect(response.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  expect(response.text).toMatch(
    /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"/,
  );
  expect((await fetchInsecure('POST')).status).toBe(403);
});

async function fetchInsecure(method: string) {
  const { request } = await import('node:https');
  const sent = request(`${fleet.url}/ui`, { method, rejectUnauthorized: false }).end();
  const [answer] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const { statusCode, headers } = answer as import('node:http').IncomingMessage;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString() };
}

test('`zeroplane top` prints the same figures', async () => {
  const program = join(import.meta.dirname, '../../infra/local/zeroplane.mjs');
  const { code, stdout, stderr } = await runCommand(
    process.execPath,
    [
      program,
      'top',
      '--once',
      '--interval=1',
      `--kubectl=${kubectlPath()}`,
      `--kubeconfig=${fleet.kubeconfig}`,
    ],
    { env: process.env },
  );
  expect([code, stderr]).toEqual([0, '']);
  const [head, figures, ...sections] = stdout.trimEnd().split('\n\n');
  expect(head).toMatch(/^v1\.\d+\.\d+\S* {3}ready {3}/);
  expect(figures).toMatch(/^REQUESTS\/S +P99 +IN FLIGHT +WATCHES +OBJECTS +MEMORY +CPU +RRU\/S +WRU\/S/);
  const named = Object.fromEntries(
    sections.map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
  );
  expect(Object.keys(named)).toEqual(['CONTROL PLANES', 'REQUESTS', 'OBJECTS', 'WARNINGS']);
  expect(named['CONTROL PLANES']).toMatch(
    /^NAME {11}STATE {3}VERSION {3}AGE +REQUESTS +REFUSED +ENDPOINT\ndefault\/acme {3}Ready {3}1\.\d+ +\d+[sm] +\d+ +0 +https:\S+\/tenants\/acme$/,
  );
  expect(named['WARNINGS']).toContain(`Pod default/web   Mishap   ${SCRIPT}`);
});
