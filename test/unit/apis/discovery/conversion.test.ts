import { expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const addresses = ['10.0.0.1'];
const conditions = {};

function converted(from: string, endpoint: object, to: string): unknown {
  const object = {
    apiVersion: `discovery.k8s.io/${from}`,
    kind: 'EndpointSlice',
    metadata: {},
    addressType: 'IPv4',
    endpoints: [{ addresses, conditions, ...endpoint }],
    ports: null,
  };
  const gvk = { group: 'discovery.k8s.io', version: to, kind: 'EndpointSlice' };
  return scheme.convert<typeof object>(structuredClone(object), gvk).endpoints[0];
}

test.each<[string, object, string, object]>([
  [
    'v1beta1',
    { topology: { [zone]: 'a', rack: '1' } },
    'v1',
    { deprecatedTopology: { rack: '1' }, zone: 'a' },
  ],
  ['v1beta1', { topology: { [hostname]: 'n' }, nodeName: 'n' }, 'v1', { nodeName: 'n' }],
  [
    'v1beta1',
    { topology: { [hostname]: 'm' }, nodeName: 'n' },
    'v1',
    { deprecatedTopology: { [hostname]: 'm' }, nodeName: 'n' },
  ],
  [
    'v1',
    { zone: 'a', nodeName: 'n' },
    'v1beta1',
    { topology: { [zone]: 'a', [hostname]: 'n' }, nodeName: 'n' },
  ],
  ['v1', { hostname: 'h' }, 'v1beta1', { hostname: 'h' }],
])('%s endpoint %o in %s', (from, endpoint, to, expected) => {
  expect(converted(from, endpoint, to)).toStrictEqual({ addresses, conditions, ...expected });
});
