/** Collects the state of a control plane through its API, as far as the user may read it. */

import { type Metrics, parseMetrics } from './parse-metrics.ts';

/** An API server, accessed as the logged-in user. Both methods reject with the API's message. */
export interface Source {
  json<T>(path: string): Promise<T>;
  text(path: string): Promise<string>;
}

/** A result, or the reason why it is missing. */
export type Part<T> = { readonly value: T } | { readonly error: string };

export interface ControlPlaneRow {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** Why it isn't ready; empty: it serves. */
  readonly trouble: string;
  readonly endpoint: string;
  /** Since it was created, as of some minutes ago. */
  readonly requests: number;
  readonly refused: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface WarningRow {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

export interface Observation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly version: Part<string>;
  /** Failing checks; none: it is ready. */
  readonly ready: Part<readonly string[]>;
  readonly metrics: Part<Metrics>;
  /** Undefined: it is no management plane. */
  readonly controlPlanes: Part<readonly ControlPlaneRow[] | undefined>;
  /** Events of type Warning, newest first. */
  readonly warnings: Part<readonly WarningRow[]>;
}

export async function collect(source: Source): Promise<Observation> {
  const [version, ready, metrics, controlPlanes, warnings] = await Promise.all([
    part(async () => (await source.json<{ gitVersion: string }>('/version')).gitVersion),
    part(async () => failedChecks(await source.text('/readyz?verbose'))),
    part(async () => parseMetrics(await source.text('/metrics'))),
    part(() => listControlPlanes(source)),
    part(() => listWarnings(source)),
  ]);
  return { at: Date.now(), version, ready, metrics, controlPlanes, warnings };
}

async function part<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function failedChecks(text: string): string[] {
  return [...text.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name!);
}

interface ControlPlane {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
  };
  readonly spec?: { readonly version?: string };
  readonly status?: {
    readonly endpoint?: string;
    readonly usage?: { readonly requests?: number; readonly refused?: number };
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
}

const GROUP = 'zeroplane.dev';

/** Control planes with problems first, then by number of requests. */
async function listControlPlanes(source: Source): Promise<ControlPlaneRow[] | undefined> {
  const { groups } = await source.json<{ groups: readonly { readonly name: string }[] }>('/apis');
  if (!groups.some(({ name }) => name === GROUP)) return undefined;
  const { items } = await source.json<{ items: readonly ControlPlane[] }>(
    `/apis/${GROUP}/v1alpha1/controlplanes`,
  );
  const rows = items.map(({ metadata, spec, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      version: spec?.version ?? '',
      trouble: ready?.status === 'True' ? '' : (ready?.reason ?? 'Pending'),
      endpoint: status?.endpoint ?? '',
      requests: status?.usage?.requests ?? 0,
      refused: status?.usage?.refused ?? 0,
      createdAt: Date.parse(metadata.creationTimestamp),
    };
  });
  return rows.sort((a, b) => Number(a.trouble === '') - Number(b.trouble === '') || b.requests - a.requests);
}

interface Event {
  readonly involvedObject: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp: string };
}

async function listWarnings(source: Source): Promise<WarningRow[]> {
  const { items } = await source.json<{ items: readonly Event[] }>(
    '/api/v1/events?fieldSelector=type%3DWarning&limit=500',
  );
  return items
    .map(({ involvedObject: { kind = '', namespace, name = '' }, ...event }) => ({
      at: Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp),
      object: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
      reason: event.reason ?? '',
      message: event.message ?? '',
      count: event.count ?? 1,
    }))
    .sort((a, b) => b.at - a.at);
}
