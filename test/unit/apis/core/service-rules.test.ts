import { expect, test } from 'vitest';
import { serviceStatusStrategy, serviceStrategy } from '../../../../shared/registry/core/service/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const service = (spec: object, metadata: object = {}) =>
  of('Service', { metadata, spec: { ports: [{ port: 80 }], ...spec } });
const one = {
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
};
const two = {
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1', 'fd00::1'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'RequireDualStack',
};
const balancer = (fields: object = {}) => service({ ...one, type: 'LoadBalancer', ...fields });

test.each<[string, Manifest, string[]]>([
  ['an address', service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }), []],
  ['a name that begins with a digit', service({}, { name: '1a' }), []],
  [
    'a name with a dot',
    service({}, { name: 'a.b' }),
    ['metadata.name: Invalid value: "a.b": must not contain dots'],
  ],
  ['no ports', service({ ports: [] }), ['spec.ports: Required value']],
  [
    'unknown type and affinity',
    service({ type: 'Odd', sessionAffinity: 'Odd' }),
    [
      'spec.sessionAffinity: Unsupported value: "Odd": supported values: "ClientIP", "None"',
      'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    'ports',
    service({
      ports: [
        { port: 0, protocol: 'X' },
        { name: 'A', port: 70000, targetPort: 'x_y' },
        { name: 'b', port: 1, appProtocol: 'a/b/c' },
        { name: 'b', port: 1 },
      ],
    }),
    [
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      `spec.ports[1].name: Invalid value: "A": ${LABEL}`,
      'spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.ports[1].targetPort: Invalid value: "x_y": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      "spec.ports[2].appProtocol: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
      'spec.ports[3].name: Duplicate value: "b"',
      'spec.ports[3]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'node ports of a cluster IP service',
    service({ ports: [{ port: 1, nodePort: 30000 }] }),
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'a duplicate node port',
    service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 1, nodePort: 30000 },
        { name: 'b', port: 2, nodePort: 30000 },
      ],
    }),
    ['spec.ports[1].nodePort: Duplicate value: 30000'],
  ],
  [
    'a node port for two protocols',
    service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 1, nodePort: 30000 },
        { name: 'b', port: 1, protocol: 'UDP', nodePort: 30000 },
      ],
    }),
    [],
  ],
  [
    'a selector',
    service({ selector: { 'a b': 'c', d: 'e f' } }),
    [`spec.selector: Invalid value: "a b": ${NAME_PART}`, `spec.selector: Invalid value: "e f": ${VALUE}`],
  ],
  [
    'a headless load balancer',
    service({ type: 'LoadBalancer', clusterIP: 'None', clusterIPs: ['None'] }),
    ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
  ],
  [
    'an external name with addresses',
    service({
      type: 'ExternalName',
      externalName: '-a',
      clusterIP: 'None',
      clusterIPs: ['None'],
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
    }),
    [
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
      `spec.externalName: Invalid value: "-a": ${SUBDOMAIN}`,
    ],
  ],
  [
    'an external name service without a name',
    service({ type: 'ExternalName' }),
    ['spec.externalName: Required value'],
  ],
  ['an external name that ends in a dot', service({ type: 'ExternalName', externalName: 'a.example.' }), []],
  [
    'too many addresses',
    service({
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1', '10.0.0.2', 'x'],
      ipFamilies: ['IPv4', 'IPv4', 'IPv9'],
      ipFamilyPolicy: 'Odd',
    }),
    [
      'spec.ipFamilies[1]: Duplicate value: "IPv4"',
      'spec.ipFamilies[2]: Unsupported value: "IPv9": supported values: "IPv4", "IPv6"',
      'spec.ipFamilyPolicy: Unsupported value: "Odd": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      'spec.clusterIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2","x"]: may only hold up to 2 values',
    ],
  ],
  [
    'two addresses of one family',
    service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] }),
    [
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'None beside an address',
    service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'None'] }),
    [
      'spec.clusterIPs[1]: Invalid value: "None": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'an address of the other family',
    service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv6'] }),
    ['spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`'],
  ],
  [
    'a different first address',
    service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] }),
    ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
  ],
  [
    'addresses without the first',
    service({ clusterIPs: ['10.0.0.2'] }),
    ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    'external addresses',
    service({
      externalIPs: [
        '1.2.3',
        '127.0.0.1',
        '0.0.0.0',
        '169.254.1.1',
        '224.0.0.1',
        '01.2.3.4',
        '::ffff:1.2.3.4',
      ],
      externalTrafficPolicy: 'Cluster',
    }),
    [
      'spec.externalIPs[0]: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[3]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[4]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[5]: Invalid value: "01.2.3.4": must not have leading 0s',
      'spec.externalIPs[6]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
    ],
  ],
  [
    'a too long session timeout',
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } }),
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
  ],
  [
    'a session timeout of zero',
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }),
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400',
    ],
  ],
  [
    "a load balancer's fields on a cluster IP service",
    service({
      loadBalancerSourceRanges: ['1.2.3.4/8', '1.2.3'],
      allocateLoadBalancerNodePorts: true,
      loadBalancerClass: 'a/b',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30000,
    }),
    [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "1.2.3.4/8": must not have bits set beyond the prefix length',
      'spec.LoadBalancerSourceRanges[1]: Invalid value: "1.2.3": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    "a load balancer's fields",
    service({
      type: 'LoadBalancer',
      loadBalancerClass: 'a b',
      externalTrafficPolicy: 'Odd',
      internalTrafficPolicy: 'Odd',
      trafficDistribution: 'Odd',
      loadBalancerSourceRanges: ['1.2.3.4/33'],
    }),
    [
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "1.2.3.4/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      `spec.loadBalancerClass: Invalid value: "a b": ${NAME_PART}`,
      'spec.externalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
      'spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
      'spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [
    "a load balancer's annotations",
    service(
      { type: 'LoadBalancer' },
      {
        annotations: {
          'service.beta.kubernetes.io/load-balancer-source-ranges': '1.2.3.4/8, x',
          'service.kubernetes.io/topology-mode': 'a',
          'service.kubernetes.io/topology-aware-hints': 'b',
        },
      },
    ),
    [
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "a": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
      'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "1.2.3.4/8": must not have bits set beyond the prefix length',
      'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'local traffic without a health check',
    service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    ['spec.healthCheckNodePort: Required value'],
  ],
  ['every traffic distribution', service({ trafficDistribution: 'PreferSameNode' }), []],
])('service, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(serviceStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  ['nothing', service(one), service(one), []],
  [
    'another cluster IP',
    service(one),
    service({ ...one, clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] }),
    ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
  ],
  [
    'another family',
    service(one),
    service({ ...one, ipFamilies: ['IPv6'] }),
    [
      'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
      'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
  ],
  ['a second family', service(one), service(two), []],
  [
    'a removed family with dual stack required',
    service(two),
    service({ ...one, ipFamilyPolicy: 'RequireDualStack' }),
    [
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
    ],
  ],
  ['a removed family', service(two), service(one), []],
  [
    'removed addresses',
    service(two),
    service({ type: 'ClusterIP' }),
    [
      'spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset',
      'spec.ipFamilies[0]: Invalid value: []: primary ipFamily can not be unset',
    ],
  ],
  [
    'another second address',
    service(two),
    service({ ...two, clusterIPs: ['10.0.0.1', 'fd00::2'] }),
    ['spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::2"]: may not change once set'],
  ],
  [
    'another load balancer class',
    balancer({ loadBalancerClass: 'a/b' }),
    balancer({ loadBalancerClass: 'a/c' }),
    ['spec.loadBalancerClass: Invalid value: "a/c": may not change once set'],
  ],
  [
    'a load balancer class where none was set',
    balancer(),
    balancer({ loadBalancerClass: 'a/c' }),
    ['spec.loadBalancerClass: Invalid value: "a/c": may not change once set'],
  ],
  [
    'another health check port',
    balancer({ externalTrafficPolicy: 'Local', healthCheckNodePort: 1 }),
    balancer({ externalTrafficPolicy: 'Local', healthCheckNodePort: 2 }),
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
  [
    'old addresses with leading zeros may stay',
    service({ ...one, externalIPs: ['01.2.3.4'] }),
    service({ ...one, externalIPs: ['01.2.3.4', '02.2.3.4'] }),
    ['spec.externalIPs[1]: Invalid value: "02.2.3.4": must not have leading 0s'],
  ],
])('service, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(serviceStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    "a load balancer's addresses",
    balancer(),
    {
      ...balancer(),
      status: {
        loadBalancer: {
          ingress: [
            { ip: 'x' },
            { hostname: 'A_' },
            { hostname: '1.2.3.4' },
            { ip: '1.2.3.4', ipMode: 'Odd' },
            { hostname: 'a.b', ipMode: 'VIP' },
          ],
        },
      },
    },
    [
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      `status.loadBalancer.ingress[1].hostname: Invalid value: "A_": ${SUBDOMAIN}`,
      'status.loadBalancer.ingress[2].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'status.loadBalancer.ingress[3].ipMode: Unsupported value: "Odd": supported values: "Proxy", "VIP"',
      'status.loadBalancer.ingress[4].ipMode: Forbidden: may not be specified when `ip` is not set',
    ],
  ],
  [
    'addresses of a cluster IP service',
    service(one),
    { ...service(one), status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
  ],
])('service status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(serviceStatusStrategy, { from, to })).toEqual(causes);
});

test('names begin with letters if the gate for digits is off', async () => {
  const manifest = service({}, { name: '1st' });
  expect(await createCauses(serviceStrategy, manifest)).toEqual([]);
  expect(
    await createCauses(serviceStrategy, manifest, { without: ['RelaxedServiceNameValidation'] }),
  ).toEqual([
    "metadata.name: Invalid value: \"1st\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ]);
});
