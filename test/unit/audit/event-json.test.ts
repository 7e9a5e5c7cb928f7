import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../shared/audit/event.ts';
import { eventJSON } from '../../../shared/audit/event-json.ts';
import { RawJSON } from '../../../shared/util/raw-json.ts';

const plain: AuditEvent = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: 'a',
  stage: 'ResponseComplete',
  requestURI: '/"$&?!',
  verb: 'create',
  user: {},
  requestReceivedTimestamp: '2026-05-01T12:00:00.000000Z',
  stageTimestamp: '2026-05-01T12:00:00.000000Z',
};
const request = { data: { a: '$&', b: 'é"' } };
const response = { items: [request, request] };
const raw = (object: object) => new RawJSON(JSON.stringify(object));

test.each([
  ['no objects', {}, {}],
  ['plain objects', { requestObject: request }, { requestObject: request }],
  ['a raw request', { requestObject: raw(request) }, { requestObject: request }],
  ['a raw response', { responseObject: raw(response) }, { responseObject: response }],
  [
    'both, one of them raw',
    { requestObject: request, responseObject: raw(response) },
    { requestObject: request, responseObject: response },
  ],
  [
    'both raw',
    { requestObject: raw(request), responseObject: raw(response) },
    { requestObject: request, responseObject: response },
  ],
])('an event with %s', async (_, objects, expected) => {
  expect(await eventJSON({ ...plain, ...objects })).toBe(JSON.stringify({ ...plain, ...expected }));
});
