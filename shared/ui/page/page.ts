/** The page at `/ui`: polls its API server every five seconds as the current user, and writes nothing. */

import {
  type ControlPlaneRow,
  collect,
  type Observation,
  type Part,
  type Source,
  type WarningRow,
} from '../collect.ts';
import {
  formatAge,
  formatBytes,
  formatDollars,
  formatNumber,
  formatPercent,
  formatSeconds,
} from '../format.ts';
import { type Failure, failuresOf, type Overview, overviewOf, samplesOf } from '../overview.ts';
import type { Metrics } from '../parse-metrics.ts';
import { type Column, element, lineChart, table } from './elements.ts';

const INTERVAL_MS = 5_000;
/** An hour. */
const MAX_POINTS = 720;
const MAX_LINES = 5;
const MAX_FAILURES = 200;

/** Base path of the API: the page may be a tenant's, by path, or accessed through `kubectl proxy`. */
const base = location.pathname.replace(/\/ui\/?$/, '');

/** Only in this page's memory: other pages of this origin can't read it, and it is gone when the page is closed. */
let token = '';

const source: Source = {
  json: async (path) => JSON.parse(await ask(path, 'application/json')),
  text: (path) => ask(path, '*/*'),
};

async function ask(path: string, accept: string): Promise<string> {
  const headers = { accept, ...(token !== '' && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(base + path, { headers, cache: 'no-store' });
  const text = await answer.text();
  if (answer.ok || path.startsWith('/readyz')) return text;
  throw new Error(messageOf(text) || `${answer.status} ${answer.statusText}`);
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? '';
  } catch {
    return text.slice(0, 200);
  }
}

const place = (id: string): HTMLElement => document.getElementById(id)!;
const show = (id: string, ...content: readonly (Node | string)[]): void =>
  place(id).replaceChildren(...content);

const FIGURES: readonly (readonly [name: string, text: (now: Overview) => string])[] = [
  ['requests a second', ({ requestsPerSecond }) => formatNumber(requestsPerSecond)],
  ['slowest percent', ({ p99Seconds }) => formatSeconds(p99Seconds)],
  ['requests in flight', ({ inFlight }) => formatNumber(inFlight)],
  ['watches', ({ watches }) => formatNumber(watches)],
  ['objects', ({ objects }) => formatNumber(objects)],
  ['memory', ({ memoryBytes }) => formatBytes(memoryBytes)],
  ['of a processor', ({ cpu }) => formatPercent(cpu)],
  ['DynamoDB a month, at this rate', ({ dollarsPerMonth }) => formatDollars(dollarsPerMonth)],
];

const CONTROL_PLANES: readonly Column<ControlPlaneRow>[] = [
  { title: 'Name', text: ({ name }) => name },
  { title: 'Namespace', text: ({ namespace }) => namespace },
  {
    title: 'State',
    text: ({ trouble }) => trouble || 'Ready',
    tone: ({ trouble }) => (trouble === '' ? 'good' : 'bad'),
  },
  { title: 'Version', text: ({ version }) => version },
  { title: 'Age', text: ({ createdAt }) => formatAge(Date.now() - createdAt) },
  { title: 'Requests', text: ({ requests }) => formatNumber(requests) },
  { title: 'Refused', text: ({ refused }) => formatNumber(refused) },
  { title: 'Address', text: ({ endpoint }) => endpoint },
];

const FAILURES: readonly Column<Failure & { readonly when: string }>[] = [
  { title: 'When', text: ({ when }) => when },
  { title: 'Code', text: ({ code }) => code, tone: () => 'bad' },
  { title: 'Verb', text: ({ verb }) => verb },
  { title: 'Resource', text: ({ resource }) => resource },
  { title: 'Times', text: ({ count }) => formatNumber(count), isNumber: true },
];

const WARNINGS: readonly Column<WarningRow>[] = [
  { title: 'Age', text: ({ at }) => formatAge(Date.now() - at) },
  { title: 'Object', text: ({ object }) => object },
  { title: 'Reason', text: ({ reason }) => reason },
  { title: 'Message', text: ({ message }) => message },
  { title: 'Times', text: ({ count }) => formatNumber(count), isNumber: true },
];

const OBJECTS: readonly Column<readonly [string, number]>[] = [
  { title: 'Resource', text: ([resource]) => resource },
  { title: 'Objects', text: ([, count]) => formatNumber(count), isNumber: true },
];

interface Point {
  readonly at: number;
  readonly overview: Overview;
}

/** Data collected since the page was opened. */
const points: Point[] = [];
let failures: readonly (Failure & { readonly when: string })[] = [];
let last: { readonly at: number; readonly metrics: Metrics } | undefined;

function measure({ at, metrics }: { readonly at: number; readonly metrics: Metrics }): void {
  if (last === undefined) {
    const sinceStart = failuresOf(samplesOf(metrics, 'apiserver_request_total'));
    failures = sinceStart.map((failure) => ({ ...failure, when: 'before' }));
  } else {
    const overview = overviewOf(last, { at, metrics });
    points.push({ at, overview });
    if (points.length > MAX_POINTS) points.shift();
    const when = new Date(at).toLocaleTimeString();
    failures = [...overview.failures.map((failure) => ({ ...failure, when })), ...failures].slice(
      0,
      MAX_FAILURES,
    );
  }
  last = { at, metrics };
}

function drawMeasured(): void {
  const now = points.at(-1)?.overview;
  const times = points.map(({ at }) => at);
  const busiest = new Map<string, number>();
  for (const { overview } of points) {
    for (const [verb, rate] of overview.verbs) busiest.set(verb, (busiest.get(verb) ?? 0) + rate);
  }
  const verbs = [...busiest].sort(([, a], [, b]) => b - a).slice(0, MAX_LINES);
  show(
    'requests',
    lineChart(
      times,
      verbs.map(([verb]) => ({
        name: verb,
        points: points.map(({ overview }) => overview.verbs.find(([name]) => name === verb)?.[1] ?? 0),
      })),
      formatNumber,
    ),
  );
  const line = (name: string, read: (overview: Overview) => number) => ({
    name,
    points: points.map(({ overview }) => read(overview)),
  });
  show('watches', lineChart(times, [line('watches', ({ watches }) => watches)], formatNumber));
  show(
    'units',
    lineChart(
      times,
      [
        line('read', ({ readUnitsPerSecond = 0 }) => readUnitsPerSecond),
        line('write', ({ writeUnitsPerSecond = 0 }) => writeUnitsPerSecond),
      ],
      formatNumber,
    ),
  );
  show('failures', table(FAILURES, failures, 'No request failed.'));
  if (now === undefined) return;
  show(
    'figures',
    ...FIGURES.map(([name, text]) =>
      element('div', { class: 'figure' }, element('b', {}, text(now)), element('span', {}, name)),
    ),
  );
  show('objects', table(OBJECTS, now.resources, 'Nothing is stored.'));
}

/** Shows the value, or the reason why it is missing. */
function part<T>(id: string, found: Part<T>, draw: (value: T) => Node | string): void {
  if ('value' in found) show(id, draw(found.value));
  else show(id, element('span', { class: 'bad' }, found.error));
}

function draw(look: Observation): void {
  part('version', look.version, (version) => version);
  part('readiness', look.ready, (failed) =>
    failed.length === 0
      ? element('span', { class: 'good' }, 'ready')
      : element('span', { class: 'bad' }, `not ready: ${failed.join(', ')}`),
  );
  show('updated', new Date(look.at).toLocaleTimeString());
  part('control-planes', look.controlPlanes, (rows) =>
    table(
      CONTROL_PLANES,
      rows ?? [],
      rows === undefined ? 'This server manages no others.' : 'There is none yet.',
    ),
  );
  part('warnings', look.warnings, (rows) => table(WARNINGS, rows, 'There is none.'));
  const { metrics } = look;
  if ('value' in metrics) {
    measure({ at: look.at, metrics: metrics.value });
    drawMeasured();
  }
  const notice = place('notice');
  notice.hidden = 'value' in metrics;
  if ('error' in metrics) {
    notice.textContent = `${metrics.error}. Log in with the token of a user who may read /metrics, or open this page through kubectl proxy.`;
  }
}

let running: Promise<void> | undefined;

/** Polls are not concurrent. */
function look(): Promise<void> {
  running ??= collect(source)
    .then(draw)
    .finally(() => {
      running = undefined;
    });
  return running;
}

function showLogin(): void {
  const isLoggedIn = token !== '';
  place('logout').hidden = !isLoggedIn;
  for (const hidden of document.querySelectorAll<HTMLElement>('#login > :not(#logout)'))
    hidden.hidden = isLoggedIn;
}

place('login').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = place('token') as HTMLInputElement;
  token = input.value.trim();
  input.value = '';
  showLogin();
  void look();
});
place('logout').addEventListener('click', () => {
  token = '';
  showLogin();
  void look();
});
void look();
setInterval(() => {
  if (!document.hidden) void look();
}, INTERVAL_MS);
