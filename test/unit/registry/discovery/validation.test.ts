import { expect, test } from 'vitest';
import type { EndpointSlice } from '../../../../shared/apis/discovery/v1/types.ts';
import { endpointSliceStrategy } from '../../../../shared/registry/discovery/endpointslice/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const slice = (fields: object, apiVersion = 'discovery.k8s.io/v1') => ({
  apiVersion,
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  endpoints: [],
  ...fields,
});
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

test.each<[object, string[]]>([
  [{}, []],
  [
    {
      ports: [{ name: 'http', port: 80 }],
      endpoints: [
        {
          addresses: ['10.0.0.1', '10.0.0.2'],
          hostname: 'a',
          nodeName: 'node.example.com',
          zone: 'zone',
          hints: { forZones: [{ name: 'zone' }], forNodes: [{ name: 'node' }] },
        },
      ],
    },
    [],
  ],
  [{ addressType: '' }, ['addressType: Required value']],
  [{ addressType: 'IP' }, ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"']],
  [
    {
      ports: [{ name: 'Http' }, { protocol: 'ICMP', name: '' }, { appProtocol: 'kubernetes.io/?' }],
    },
    [
      `ports[0].name: Invalid value: "Http": ${LABEL}`,
      'ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      'ports[2].name: Duplicate value: ""',
      `ports[2].appProtocol: Invalid value: "kubernetes.io/?": ${QUALIFIED}`,
    ],
  ],
  [{ endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses: Required value']],
  [
    { endpoints: [{ addresses: Array.from({ length: 101 }, () => '10.0.0.1') }] },
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  [
    { endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  [
    { ports: Array.from({ length: 20_001 }, (_, index) => ({ name: `p${index}`, port: 1 })) },
    ['ports: Too many: 20001: must have at most 20000 items'],
  ],
  [
    { endpoints: [{ addresses: ['example.com', 'fd00::1', '127.0.0.1'] }] },
    [
      'endpoints[0].addresses[0]: Invalid value: "example.com": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
      'endpoints[0].addresses[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    { addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1', '10.0.0.1'] }] },
    [
      'endpoints[0].addresses[0]: Invalid value: "FD00::1": must be in canonical form ("fd00::1")',
      'endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address',
    ],
  ],
  [
    { addressType: 'FQDN', endpoints: [{ addresses: ['example'] }] },
    [
      'endpoints[0].addresses[0]: Invalid value: "example": should be a domain with at least two segments separated by dots',
    ],
  ],
  [
    {
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          hostname: 'A',
          nodeName: 'node_1',
          hints: {
            forZones: [{ name: 'a' }, { name: 'a' }],
            forNodes: [{ name: 'b_' }],
          },
        },
      ],
    },
    [
      `endpoints[0].nodeName: Invalid value: "node_1": ${SUBDOMAIN}`,
      `endpoints[0].hostname: Invalid value: "A": ${LABEL}`,
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      `endpoints[0].hints.forNodes[0].name: Invalid value: "b_": ${SUBDOMAIN}`,
    ],
  ],
  [
    {
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          hints: { forZones: Array.from({ length: 9 }, (_, index) => ({ name: `z${index}` })) },
        },
      ],
    },
    ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
  ],
])('slice %#', async (fields, causes) => {
  expect(await createCauses(endpointSliceStrategy, slice(fields))).toEqual(causes);
});

test('the address type is immutable', async () => {
  const update = { from: slice({}), to: slice({ addressType: 'IPv6' }) };
  expect(await updateCauses(endpointSliceStrategy, update)).toEqual([
    'addressType: Invalid value: null: field is immutable',
  ]);
});

test('stored endpoints are not validated again', async () => {
  const endpoints = [{ addresses: ['127.0.0.1'] }];
  const from = slice({ endpoints });
  const to = slice({ endpoints, ports: [{ port: 1 }] });
  expect(await updateCauses(endpointSliceStrategy, { from, to })).toEqual([]);
});

test('changed ports or labels increase the generation, annotations do not', async () => {
  const generation = async (to: object) => {
    const update = { from: slice({}), to: slice(to) };
    return (await updateOutcome<EndpointSlice>(endpointSliceStrategy, update)).object.metadata.generation;
  };
  expect(await generation({ metadata: { annotations: { a: 'b' } } })).toBe(1);
  expect(await generation({ metadata: { labels: { a: 'b' } } })).toBe(2);
  expect(await generation({ ports: [{ port: 1 }] })).toBe(2);
});

const topologyOf = (topology: object) => ({ endpoints: [{ addresses: ['10.0.0.1'], topology }] });

test('v1beta1 has a topology, v1 does not', async () => {
  const topology = { 'kubernetes.io/hostname': 'node', rack: '1' };
  const beta = slice(topologyOf(topology), 'discovery.k8s.io/v1beta1');
  const { object } = await createOutcome<EndpointSlice>(endpointSliceStrategy, beta);
  expect(object.endpoints).toEqual([
    { addresses: ['10.0.0.1'], conditions: {}, deprecatedTopology: topology },
  ]);
  const sent = [{ addresses: ['10.0.0.1'], conditions: {}, deprecatedTopology: topology }];
  const v1 = await createOutcome<EndpointSlice>(endpointSliceStrategy, slice({ endpoints: sent }));
  expect(v1.object.endpoints).toEqual([{ addresses: ['10.0.0.1'], conditions: {} }]);
});

test('the stored topology allows its node names in v1', async () => {
  const endpoint = (node: string) => ({
    addresses: ['10.0.0.1'],
    conditions: {},
    deprecatedTopology: { 'kubernetes.io/hostname': node },
  });
  const { object } = await updateOutcome<EndpointSlice>(endpointSliceStrategy, {
    from: slice({ endpoints: [endpoint('known')] }),
    to: slice({ endpoints: [endpoint('known'), endpoint('unknown')] }),
  });
  expect(object.endpoints).toEqual([
    { addresses: ['10.0.0.1'], conditions: {}, nodeName: 'known' },
    { addresses: ['10.0.0.1'], conditions: {} },
  ]);
});

test('warns of domain names', async () => {
  const { warnings } = await createOutcome(endpointSliceStrategy, slice({ addressType: 'FQDN' }));
  expect(warnings).toEqual(['spec.addressType: FQDN endpoints are deprecated']);
});

test('warns of stored addresses in noncanonical form, unless written by a controller', async () => {
  const warnings = async (fields: object) => {
    const manifest = slice({ endpoints: [{ addresses: ['010.0.0.1'] }], ...fields });
    const update = { from: manifest, to: manifest };
    return (await updateOutcome(endpointSliceStrategy, update)).warnings;
  };
  expect(await warnings({})).toEqual([
    'endpoints[0].addresses[0]: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
  ]);
  const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  expect(await warnings({ metadata: { labels } })).toEqual([]);
});
