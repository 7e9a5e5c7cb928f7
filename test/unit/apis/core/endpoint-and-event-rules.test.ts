import { expect, test } from 'vitest';
import { endpointsStrategy } from '../../../../shared/registry/core/endpoints/strategy.ts';
import { eventStrategy } from '../../../../shared/registry/core/event/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const endpoints = (...subsets: object[]) => of('Endpoints', { subsets });
const events = eventStrategy(3600);
const pod = { kind: 'Pod', namespace: 'ns', name: 'p' };
const strict = {
  kind: 'Event',
  apiVersion: 'events.k8s.io/v1',
  eventTime: '2026-01-02T03:04:05.000006Z',
  regarding: pod,
  reason: 'Tested',
  action: 'Test',
  type: 'Normal',
  note: 'hello',
  reportingController: 'example.com/test',
  reportingInstance: 'test-1',
};

test.each<[string, Manifest, string[]]>([
  [
    'addresses and ports',
    endpoints({
      addresses: [{ ip: '10.0.0.1', hostname: 'a', nodeName: 'n1' }, { ip: 'fd00::1' }],
      notReadyAddresses: [{ ip: '10.0.0.2' }],
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81, protocol: 'UDP', appProtocol: 'http' },
      ],
    }),
    [],
  ],
  [
    'no addresses',
    endpoints({ ports: [{ port: 80 }] }),
    ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ],
  [
    'bad addresses',
    endpoints({
      addresses: [
        { ip: 'x' },
        { ip: '127.0.0.1' },
        { ip: '0.0.0.0' },
        { ip: '169.254.0.1' },
        { ip: '224.0.0.1' },
        { ip: '10.0.0.1', hostname: 'A', nodeName: 'N' },
        { ip: '010.0.0.1' },
      ],
    }),
    [
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
      'subsets[0].addresses[1].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].addresses[2].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'subsets[0].addresses[3].ip: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'subsets[0].addresses[4].ip: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      `subsets[0].addresses[5].hostname: Invalid value: "A": ${LABEL}`,
      `subsets[0].addresses[5].nodeName: Invalid value: "N": ${SUBDOMAIN}`,
      'subsets[0].addresses[6].ip: Invalid value: "010.0.0.1": must not have leading 0s',
    ],
  ],
  [
    'bad ports',
    endpoints({
      addresses: [{ ip: '10.0.0.1' }],
      ports: [
        { port: 0, protocol: 'X' },
        { name: 'A', port: 1, appProtocol: 'a b' },
      ],
    }),
    [
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      `subsets[0].ports[1].name: Invalid value: "A": ${LABEL}`,
      `subsets[0].ports[1].appProtocol: Invalid value: "a b": ${NAME_PART}`,
    ],
  ],
])('endpoints, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(endpointsStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'old invalid addresses may stay',
    endpoints({ addresses: [{ ip: '010.0.0.1' }] }),
    endpoints({ addresses: [{ ip: '010.0.0.1' }] }),
    [],
  ],
  [
    'old invalid addresses beside new ones',
    endpoints({ addresses: [{ ip: '010.0.0.1' }] }),
    endpoints({ addresses: [{ ip: '010.0.0.1' }, { ip: '10.0.0.02' }] }),
    [
      'subsets[0].addresses[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
      'subsets[0].addresses[1].ip: Invalid value: "10.0.0.02": must not have leading 0s',
    ],
  ],
])('endpoints, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(endpointsStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  ['an event of the core group is hardly validated', of('Event', { involvedObject: pod, type: 'Odd' }), []],
  [
    'an event for another namespace',
    of('Event', { involvedObject: { ...pod, namespace: 'other' } }),
    ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  ],
  [
    'an event without a namespace',
    of('Event', { involvedObject: { kind: 'Node', name: 'n' } }),
    ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  ],
  [
    'a new event in the core group',
    of('Event', { involvedObject: pod, eventTime: '2026-01-02T03:04:05.000006Z' }),
    [
      'reportingComponent: Required value',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      `reportingComponent: Invalid value: "": ${NAME_PART}`,
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  ],
  ['a strict event', strict, []],
  [
    'a strict event with missing fields',
    { kind: 'Event', apiVersion: 'events.k8s.io/v1', regarding: pod },
    ['eventTime: Required value', 'type: Invalid value: "": has invalid value: '],
  ],
  [
    'a strict event with deprecated fields',
    {
      ...strict,
      reason: 'r'.repeat(129),
      action: '',
      note: 'n'.repeat(1025),
      reportingController: 'a b',
      reportingInstance: 'i'.repeat(129),
      deprecatedCount: 1,
      deprecatedSource: { component: 'a' },
      deprecatedFirstTimestamp: '2026-01-02T03:04:05Z',
      series: { count: 1 },
    },
    [
      `reportingController: Invalid value: "a b": ${NAME_PART}`,
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'action: Required value',
      'reason: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
      'firstTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  ],
])('events, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(events, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    "the core group's",
    of('Event', { involvedObject: pod, message: 'a' }),
    of('Event', { involvedObject: pod, message: 'b', count: 2 }),
    [],
  ],
  [
    "a strict event's note",
    strict,
    { ...strict, note: 'other', reason: 'Other', type: 'Warning' },
    [
      'reason: Invalid value: "Other": field is immutable',
      'message: Invalid value: "other": field is immutable',
      'type: Invalid value: "Warning": field is immutable',
    ],
  ],
  [
    "a strict event's series",
    strict,
    { ...strict, series: { count: 2, lastObservedTime: '2026-01-02T03:04:05.000006Z' } },
    [],
  ],
])('events, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(events, { from, to })).toEqual(causes);
});
