/** A webhook for audit events that does not answer holds up neither requests nor the end of the server for long. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AuditMetrics } from '../../../shared/audit/audit-metrics.ts';
import type { AuditEvent } from '../../../shared/audit/event.ts';
import { MetricsRegistry } from '../../../shared/metrics/metrics-registry.ts';
import { type Audit, buildAudit } from '../../../shared/server/audit/audit.ts';
import { loadOptions } from '../../../shared/server/options/completed-options.ts';
import { ANY_ADDRESS } from '../../../shared/util/address-guard.ts';
import { type Clock, systemClock } from '../../../shared/util/clock.ts';
import { newLogger } from '../../../shared/util/logger.ts';

const waiting: ServerResponse[] = [];
const server = createServer((_, response) => {
  waiting.push(response);
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  isFast = true;
  waiting.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const said: string[] = [];
/** Whether time passes at once. */
let isFast = true;
const clock: Clock = {
  ...systemClock,
  sleep: async (ms, signal) => {
    if (!isFast) await systemClock.sleep(ms, signal);
  },
};

async function newAudit(): Promise<Audit> {
  const { port } = server.address() as AddressInfo;
  const options = await loadOptions({ auditWebhookConfigFile: '/hook' });
  const files = {
    auditPolicyFile: { rules: [{ level: 'Metadata' as const }] },
    auditWebhookConfigFile: { url: `http://127.0.0.1:${port}/` },
  };
  return buildAudit(options, files, {
    logger: newLogger(({ message }) => said.push(message)),
    metrics: new AuditMetrics(new MetricsRegistry()),
    flushEachRequest: true,
    addresses: ANY_ADDRESS,
    annotations: undefined,
    memory: undefined,
    clock,
  })!;
}
const event = { auditID: 'a', level: 'Metadata', stage: 'ResponseComplete' } as unknown as AuditEvent;

test('an answer waits a while for its events to be sent, which are sent later', async () => {
  const audit = await newAudit();
  await audit.backend.processEvents([event]);
  await audit.flush!();
  await expect.poll(() => waiting.length).toBe(1);
  isFast = false;
  waiting[0]!.end();
  await audit.close();
  expect(said).toEqual([]);
});

test('the end of a server gives up events that can not be sent', async () => {
  const audit = await newAudit();
  await audit.backend.processEvents([event]);
  await audit.flush!();
  await expect.poll(() => waiting.length).toBe(1);
  await audit.close();
  expect(said).toEqual(['Unable to send 1 audit events to the webhook']);
});
