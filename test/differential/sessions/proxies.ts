/** Proxies and streams whose parent has, or lacks, an address to connect to. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post } from './steps.ts';

const NAMESPACE = '/api/v1/namespaces/$N';
const NODE = '/api/v1/nodes';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/$N/endpointslices';

const containers = [{ name: 'c', image: 'x', ports: [{ containerPort: 80 }] }];
const pod = (name: string, spec: object = {}) => object('v1', 'Pod', name, { spec: { containers, ...spec } });
const addresses = (path: string, ...ips: string[]): Step =>
  patch('merge', `${path}/status`, { status: { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } });
const slice = (name: string, endpoint: object) =>
  post(SLICES, {
    ...object('discovery.k8s.io/v1', 'EndpointSlice', name, {
      addressType: 'IPv4',
      ports: [{ name: 'web', port: 8080 }],
      endpoints: [{ addresses: ['10.9.8.7'], ...endpoint }],
    }),
    metadata: { name, labels: { 'kubernetes.io/service-name': 's' } },
  });
const proxied = (parent: string, ...ids: string[]): Step[] =>
  ids.map((id) => get(`${NAMESPACE}/${parent}/${id}/proxy`));
const ofPod = (name: string): Step[] =>
  ['log', 'exec?command=x', 'attach', 'portforward'].map((what) => get(`${NAMESPACE}/pods/${name}/${what}`));

const SERVICE_IDS = [
  's',
  's:web',
  's:80',
  's:81',
  's:+80',
  'https:s:80',
  'none',
  'none:80',
  'ftp:s:80',
  ':s:',
  's:',
];

const STEPS: readonly Step[] = [
  post(
    `${NAMESPACE}/services`,
    object('v1', 'Service', 's', { spec: { ports: [{ name: 'web', port: 80 }] } }),
  ),
  post(`${NAMESPACE}/services`, object('v1', 'Service', 'bare', { spec: { ports: [{ port: 80 }] } })),
  ...proxied('services', ...SERVICE_IDS, 'bare', 'bare:80'),
  slice('none', {}),
  slice('elsewhere', { targetRef: { kind: 'Pod', namespace: 'elsewhere', name: 'p' } }),
  slice('absent', { targetRef: { kind: 'Pod', namespace: '$N', name: 'absent' } }),
  slice('waiting', { conditions: { ready: false }, targetRef: { kind: 'Pod', namespace: '$N', name: 'p' } }),
  slice('other', { targetRef: { kind: 'Pod', namespace: '$N', name: 'p' } }),
  post(`${NAMESPACE}/pods`, pod('p')),
  ...proxied('services', ...SERVICE_IDS),
  ...proxied('pods', 'p', 'p:80', 'http:p:80', 'none', 'ftp:p:80', ':p:'),
  ...[
    '127.0.0.1',
    '169.254.1.1',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    'fe80::1',
    'ff02::1',
  ].flatMap((ip) => [addresses(`${NAMESPACE}/pods/p`, ip), ...proxied('pods', 'p')]),
  ...ofPod('p'),
  post(`${NAMESPACE}/pods`, pod('bound', { nodeName: '$N-n' })),
  ...ofPod('bound'),
  get(`${NODE}/$N-n/proxy`),
  post(NODE, object('v1', 'Node', '$N-n')),
  ...['$N-n', '$N-n:10250', 'https:$N-n:1', 'ftp:$N-n:1'].map((id) => get(`${NODE}/${id}/proxy`)),
  ...ofPod('bound'),
];

export const proxies = (): Session[] => [{ name: 'proxies', steps: STEPS }];
