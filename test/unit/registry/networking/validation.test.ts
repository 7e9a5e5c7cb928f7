import { describe, expect, test } from 'vitest';
import {
  ingressStatusStrategy,
  ingressStrategy,
} from '../../../../shared/registry/networking/ingress/strategy.ts';
import { ingressClassStrategy } from '../../../../shared/registry/networking/ingressclass/strategy.ts';
import { ipAddressStrategy } from '../../../../shared/registry/networking/ipaddress/strategy.ts';
import { networkPolicyStrategy } from '../../../../shared/registry/networking/networkpolicy/strategy.ts';
import { serviceCIDRStrategy } from '../../../../shared/registry/networking/servicecidr/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const apiVersion = 'networking.k8s.io/v1';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const BAD_PORT = 'must be between 1 and 65535, inclusive';

describe('network policies', () => {
  const kind = 'NetworkPolicy';
  const policy = (spec: object) => ({ apiVersion, kind, spec: { podSelector: {}, ...spec } });

  test.each<[object, string[]]>([
    [{}, []],
    [
      {
        ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }], ports: [{ port: 80, endPort: 90 }] }],
        egress: [
          { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 'dns' }] },
        ],
      },
      [],
    ],
    [
      {
        podSelector: { matchLabels: { '-': 'a' } },
        ingress: [
          {
            ports: [
              { protocol: 'ICMP', port: 0 },
              { port: 90, endPort: 80 },
              { port: 'web', endPort: 80 },
              { endPort: 80 },
              { port: 'No' },
            ],
            from: [{}, { podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }],
          },
        ],
        policyTypes: ['Ingress', 'Sideways'],
      },
      [
        `spec.podSelector.matchLabels: Invalid value: "-": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
        `spec.ingress[0].ports[0].port: Invalid value: 0: ${BAD_PORT}`,
        'spec.ingress[0].ports[1].endPort: Invalid value: 80: must be greater than or equal to `port`',
        'spec.ingress[0].ports[2].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
        'spec.ingress[0].ports[3].endPort: Invalid value: 80: may not be specified when `port` is not specified',
        'spec.ingress[0].ports[4].port: Invalid value: "No": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'spec.ingress[0].from[0]: Required value: must specify a peer',
        'spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer',
        'spec.policyTypes[1]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
      ],
    ],
    [
      {
        egress: [
          {
            to: [
              { ipBlock: {} },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', 'x', 'fd00::/64'] } },
              { ipBlock: { cidr: '10.0.0.1/8' } },
            ],
          },
        ],
        policyTypes: ['Egress', 'Ingress', 'Egress'],
      },
      [
        'spec.egress[0].to[1].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        'spec.egress[0].to[1].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        'spec.egress[0].to[1].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.egress[0].to[1].ipBlock.except[3]: Invalid value: "fd00::/64": must be a strict subset of `cidr`',
        'spec.egress[0].to[2].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
        'spec.policyTypes: Invalid value: ["Egress","Ingress","Egress"]: may not specify more than two policyTypes',
        'spec.egress[0].to[0].ipBlock.cidr: Required value',
      ],
    ],
  ])('%j', async (spec, causes) => {
    expect(await createCauses(networkPolicyStrategy, policy(spec))).toEqual(causes);
  });

  test('an update keeps stored invalid ranges, with a warning', async () => {
    const from = policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8' } }] }] });
    const to = { ...from, spec: { ...from.spec, podSelector: { matchLabels: { a: 'b' } } } };
    const { causes, warnings, object } = await updateOutcome(networkPolicyStrategy, { from, to });
    expect({ causes, warnings, generation: object.metadata.generation }).toEqual({
      causes: [],
      warnings: [
        'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
      ],
      generation: 2,
    });
  });
});

describe('ingresses', () => {
  const kind = 'Ingress';
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const ingress = (spec: object) => ({ apiVersion, kind, spec });
  const withPath = (path: object) => ({
    rules: [{ http: { paths: [{ pathType: 'Prefix', backend, ...path }] } }],
  });
  const PATH = 'spec.rules[0].http.paths[0]';

  test.each<[object, string[]]>([
    [{ defaultBackend: backend }, []],
    [{ defaultBackend: { service: { name: '1st', port: { name: 'http' } } } }, []],
    [{}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [{ rules: [{ host: '*.example.com' }] }, []],
    [
      { rules: [{ host: '1.2.3.4' }, { host: 'a.*.com' }, { host: 'Upper' }, { http: { paths: [] } }] },
      [
        'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        `spec.rules[1].host: Invalid value: "a.*.com": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        `spec.rules[2].host: Invalid value: "Upper": ${SUBDOMAIN}`,
        'spec.rules[3].http.paths: Required value',
      ],
    ],
    [
      withPath({ path: '/a', pathType: undefined }),
      [`${PATH}.pathType: Required value: pathType must be specified`],
    ],
    [withPath({ path: 'a' }), [`${PATH}.path: Invalid value: "a": must be an absolute path`]],
    [
      withPath({ path: '/a//b/..' }),
      [
        `${PATH}.path: Invalid value: "/a//b/..": must not contain '//'`,
        `${PATH}.path: Invalid value: "/a//b/..": cannot end with '/..'`,
      ],
    ],
    [withPath({ path: '', pathType: 'ImplementationSpecific' }), []],
    [
      withPath({ path: '/', pathType: 'Regex' }),
      [
        `${PATH}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      ],
    ],
    [
      withPath({ path: '/', backend: {} }),
      [`${PATH}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      withPath({ path: '/', backend: { ...backend, resource: { kind: 'K', name: 'n' } } }),
      [`${PATH}.backend: Invalid value: "": cannot set both resource and service backends`],
    ],
    [
      { defaultBackend: { resource: { apiGroup: 'A', kind: '', name: 'a/b' } } },
      [
        `spec.defaultBackend.resource.apiGroup: Invalid value: "A": ${SUBDOMAIN}`,
        'spec.defaultBackend.resource.kind: Required value',
        `spec.defaultBackend.resource.name: Invalid value: "a/b": may not contain '/'`,
      ],
    ],
    [
      { defaultBackend: { service: { port: { name: 'a', number: 1 } } } },
      [
        'spec.defaultBackend.service.name: Required value',
        'spec.defaultBackend: Invalid value: "": cannot set both port name & port number',
      ],
    ],
    [
      { defaultBackend: { service: { name: 'web', port: {} } } },
      ['spec.defaultBackend: Required value: port name or number is required'],
    ],
    [
      { defaultBackend: backend, ingressClassName: 'A', tls: [{ hosts: ['B'], secretName: 'C' }] },
      [
        `spec.tls[0].hosts[0]: Invalid value: "B": ${SUBDOMAIN}`,
        `spec.tls[0].secretName: Invalid value: "C": ${SUBDOMAIN}`,
        `spec.ingressClassName: Invalid value: "A": ${SUBDOMAIN}`,
      ],
    ],
  ])('%j', async (spec, causes) => {
    expect(await createCauses(ingressStrategy, ingress(spec))).toEqual(causes);
  });

  test('class by annotation: deprecated, and must match the field', async () => {
    const metadata = { annotations: { 'kubernetes.io/ingress.class': 'a' } };
    const annotated = (spec: object) => ({ ...ingress({ defaultBackend: backend, ...spec }), metadata });
    const { causes, warnings } = await createOutcome(ingressStrategy, annotated({}));
    expect({ causes, warnings }).toEqual({
      causes: [],
      warnings: [
        `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
      ],
    });
    expect(await createCauses(ingressStrategy, annotated({ ingressClassName: 'b' }))).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ]);
  });

  test('status of a load balancer', async () => {
    const from = ingress({ defaultBackend: backend });
    const status = { loadBalancer: { ingress: [{ ip: '010.0.0.1' }, { hostname: '1.2.3.4' }] } };
    expect(await updateCauses(ingressStatusStrategy, { from, to: { ...from, status } })).toEqual([
      'status.loadBalancer.ingress[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ]);
  });
});

test.each<[object, string[]]>([
  [{ controller: 'example.com/lb' }, []],
  [{}, ['spec.controller: Required value']],
  [
    { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', scope: 'Galaxy' } },
    ['spec.parameters.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespace"'],
  ],
  [
    { controller: 'a.b/c', parameters: { scope: 'Namespace' } },
    [
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
      'spec.parameters.kind: Required value',
      'spec.parameters.name: Required value',
    ],
  ],
  [
    { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', namespace: 'x' } },
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
])('ingress class %j', async (spec, causes) => {
  expect(await createCauses(ingressClassStrategy, { apiVersion, kind: 'IngressClass', spec })).toEqual(
    causes,
  );
});

test('an ingress class keeps its controller', async () => {
  const from = { apiVersion, kind: 'IngressClass', spec: { controller: 'a.b/c' } };
  const to = { ...from, spec: { controller: 'a.b/d' } };
  expect(await updateCauses(ingressClassStrategy, { from, to })).toEqual([
    'spec.controller: Invalid value: "a.b/d": field is immutable',
  ]);
});

describe('IP addresses', () => {
  const kind = 'IPAddress';
  const parentRef = { resource: 'services', namespace: 'default', name: 'kubernetes' };

  test.each<[string, object, string[]]>([
    ['10.0.0.1', { parentRef }, []],
    [
      '2001:DB8::1',
      {},
      [
        'metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")',
        'spec.parentRef: Required value',
      ],
    ],
    [
      'x',
      { parentRef: { group: 'A', namespace: 'a/b' } },
      [
        'metadata.name: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        `spec.parentRef.group: Invalid value: "A": ${SUBDOMAIN}`,
        `spec.parentRef.namespace: Invalid value: "a/b": may not contain '/'`,
        'spec.parentRef.resource: Required value',
        'spec.parentRef.name: Required value',
      ],
    ],
  ])('%s %j', async (name, spec, causes) => {
    expect(await createCauses(ipAddressStrategy, { apiVersion, kind, metadata: { name }, spec })).toEqual(
      causes,
    );
  });

  test('never change their parent', async () => {
    const from = { apiVersion, kind, metadata: { name: '10.0.0.1' }, spec: { parentRef } };
    const to = { ...from, spec: { parentRef: { ...parentRef, name: 'other' } } };
    expect(await updateCauses(ipAddressStrategy, { from, to })).toEqual([
      'spec.parentRef: Invalid value: null: field is immutable',
    ]);
  });
});

describe('service CIDRs', () => {
  const serviceCIDR = (...cidrs: string[]) => ({ apiVersion, kind: 'ServiceCIDR', spec: { cidrs } });

  test.each<[string[], string[]]>([
    [['10.0.0.0/24', 'fd00::/112'], []],
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/24', '10.1.0.0/24', 'fd00::/112'],
      [
        'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.1.0.0/24","fd00::/112"]}: may only hold up to 2 values',
      ],
    ],
    [
      ['10.0.0.0/24', '10.1.0.0/24'],
      [
        'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [
      ['x'],
      ['spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
  ])('%j', async (cidrs, causes) => {
    expect(await createCauses(serviceCIDRStrategy, serviceCIDR(...cidrs))).toEqual(causes);
  });

  test.each<[string[], string[], string[]]>([
    [['10.0.0.0/24'], ['10.0.0.0/24', 'fd00::/112'], []],
    [['10.0.0.0/24'], ['10.1.0.0/24'], ['spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable']],
    [
      ['10.0.0.0/24', 'fd00::/112'],
      ['10.0.0.0/24'],
      ['spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable'],
    ],
  ])('%j to %j', async (from, to, causes) => {
    const update = { from: serviceCIDR(...from), to: serviceCIDR(...to) };
    expect(await updateCauses(serviceCIDRStrategy, update)).toEqual(causes);
  });
});

test("names of an ingress's Services begin with letters if the gate for digits is off", async () => {
  const of = (name: string, path: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    spec: { defaultBackend: { service: { name, port: { name: path } } } },
  });
  const request = { without: ['RelaxedServiceNameValidation'] };
  const says = (name: string): string =>
    `spec.defaultBackend.service.name: Invalid value: "${name}": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`;
  expect(await createCauses(ingressStrategy, of('1st', 'a'), request)).toEqual([says('1st')]);
  const update = { from: of('1st', 'a'), to: of('2nd', 'a') };
  expect(await updateCauses(ingressStrategy, update, request)).toEqual([]);
  expect(await updateCauses(ingressStrategy, { ...update, from: of('first', 'a') }, request)).toEqual([
    says('2nd'),
  ]);
});
