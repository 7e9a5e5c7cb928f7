/** Adds the audit events of each request to its response. */

import { existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Target } from './exchange.ts';

interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 2_000;
/** Fields that differ between any two servers. */
const OF_ONE: readonly string[] = [
  'auditID',
  'sourceIPs',
  'userAgent',
  'requestReceivedTimestamp',
  'stageTimestamp',
];
const IS_SLOWNESS = /^apiserver\.latency\.k8s\.io\//;

/** `file`: the server's audit log, in JSON. `run`: identifies the requests of this run. */
export function besideAuditLog(target: Target, file: string, run: string): Target {
  const events = new Map<string, AuditEvent[]>();
  let read = 0;
  let asked = 0;
  const look = (): void => {
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    const end = bytes.lastIndexOf(10) + 1;
    for (const line of bytes.subarray(read, end).toString().split('\n')) {
      if (line === '') continue;
      const event = JSON.parse(line) as AuditEvent;
      events.set(event.auditID, [...(events.get(event.auditID) ?? []), event]);
    }
    read = Math.max(read, end);
  };
  return {
    ...target,
    async ask(step) {
      const id = `${run}-${asked++}`;
      const reply = await target.ask({ ...step, headers: { ...step.headers, 'audit-id': id } });
      const until = Date.now() + PATIENCE_MS;
      for (;;) {
        look();
        const own = events.get(id) ?? [];
        const isDone = own.some(({ stage }) => stage === 'ResponseComplete');
        if (isDone || Date.now() > until || !isAudited(step.path))
          return { ...reply, events: own.map(comparable) };
        await setTimeout(20);
      }
    },
  };
}

/** Must agree with `audit-policy.yaml`. */
const isAudited = (path: string): boolean => !/^\/version(?:$|\?)/.test(path);

function comparable(event: AuditEvent): unknown {
  const annotations = Object.entries(event.annotations ?? {}).filter(([key]) => !IS_SLOWNESS.test(key));
  return Object.fromEntries(
    Object.entries({ ...event, annotations: Object.fromEntries(annotations) }).filter(
      ([key]) => !OF_ONE.includes(key),
    ),
  );
}
