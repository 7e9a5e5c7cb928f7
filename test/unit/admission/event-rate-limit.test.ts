import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventRateLimit } from '../../../shared/admission/plugins/event-rate-limit.ts';
import { type AdmissionRequest, BOB, runPlugin, testDependencies } from '../../fixtures/admission.ts';

const event = (namespace: string, component = 'kubelet', rest: AdmissionRequest = {}): AdmissionRequest => ({
  object: {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace },
    source: { component, host: 'h' },
    involvedObject: { kind: 'Pod', namespace, name: 'p', uid: 'u', apiVersion: 'v1' },
  },
  ...rest,
});
const pluginWith = (...limits: object[]) => eventRateLimit(testDependencies({ configuration: { limits } }));
const tooMany = (why: string): string => `429 TooManyRequests: Too many requests: ${why}`;

describe('EventRateLimit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function refusals(limits: object[], requests: AdmissionRequest[]): Promise<(string | undefined)[]> {
    const plugin = pluginWith(...limits);
    const found: (string | undefined)[] = [];
    for (const request of requests) found.push((await runPlugin(plugin, request)).refused);
    return found;
  }

  it('tells sources apart by long names, too', async () => {
    const limits = [{ type: 'SourceAndObject', qps: 1, burst: 1 }];
    const long = 'c'.repeat(100_000);
    const [first, second] = [event('a', `${long}1`), event('a', `${long}2`)];
    const found = await refusals(limits, [first, second, first]);
    expect(found.map((refused) => refused !== undefined)).toEqual([false, false, true]);
  });

  it('admits a burst and then a fixed rate', async () => {
    const plugin = pluginWith({ type: 'Server', qps: 2, burst: 3 });
    const run = async () => (await runPlugin(plugin, event('a'))).refused;
    const over = tooMany('limit reached on type Server for key ');
    expect([await run(), await run(), await run(), await run()]).toEqual([
      undefined,
      undefined,
      undefined,
      over,
    ]);
    vi.advanceTimersByTime(1000);
    expect([await run(), await run(), await run()]).toEqual([undefined, undefined, over]);
  });

  it.each<[string, AdmissionRequest[], string]>([
    ['Namespace', [event('a'), event('b'), event('a')], 'a'],
    ['User', [event('a'), event('b', 'x', { user: { ...BOB, name: 'eve' } }), event('c')], 'bob'],
    ['SourceAndObject', [event('a'), event('a', 'scheduler'), event('a')], 'kubelethPodapuv1'],
  ])('counts by %s', async (type, requests, key) => {
    expect(await refusals([{ type, qps: 1, burst: 1 }], requests)).toEqual([
      undefined,
      undefined,
      tooMany(`limit reached on type ${type} for key ${key}`),
    ]);
  });

  it('reports every limit reached', async () => {
    const limits = ['Server', 'Namespace'].map((type) => ({ type, qps: 1, burst: 1 }));
    expect(await refusals(limits, [event('a'), event('a')])).toEqual([
      undefined,
      tooMany('[limit reached on type Server for key , limit reached on type Namespace for key a]'),
    ]);
  });

  it('evicts the least recently used keys', async () => {
    const limits = [{ type: 'Namespace', qps: 1, burst: 1, cacheSize: 1 }];
    expect(await refusals(limits, [event('a'), event('b'), event('a')])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('counts neither dry runs nor other kinds', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'a' } };
    const requests = [event('a', 'x', { dryRun: true }), { object: configMap }, event('a')];
    expect(await refusals([{ type: 'Server', qps: 1, burst: 1 }], requests)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, unknown, string]>([
    ['no configuration', undefined, 'limits: Invalid value: []: must not be empty'],
    [
      'invalid values',
      { limits: [{ type: 'Pod', qps: 0, burst: -1, cacheSize: -2 }] },
      '[limits[0].type: Unsupported value: "Pod": supported values: "Namespace", "Server", "SourceAndObject", "User", limits[0].burst: Invalid value: -1: must be positive, limits[0].qps: Invalid value: 0: must be positive, limits[0].cacheSize: Invalid value: -2: must not be negative]',
    ],
  ])('rejects %s', (_, configuration, message) => {
    expect(() => eventRateLimit(testDependencies({ configuration }))).toThrow(new Error(message));
  });
});
