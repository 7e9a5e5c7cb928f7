import { alwaysAdmit } from '../../../shared/admission/plugins/always-admit.ts';
import { alwaysDeny } from '../../../shared/admission/plugins/always-deny.ts';
import { defaultIngressClass } from '../../../shared/admission/plugins/default-ingress-class.ts';
import { denyServiceExternalIPs } from '../../../shared/admission/plugins/deny-service-external-ips.ts';
import { taintNodesByCondition } from '../../../shared/admission/plugins/taint-nodes-by-condition.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm', namespace: 'ns' } };
const connect = {
  operation: 'CONNECT' as const,
  resource: { group: '', version: 'v1', resource: 'pods' },
  subresource: 'exec',
  name: 'p',
  namespace: 'ns',
};

describePlugin(alwaysAdmit, {
  create: [{ object: configMap }, PASSED],
  connect: [connect, PASSED],
});

describePlugin(alwaysDeny, {
  create: [
    { object: configMap },
    refused('403 Forbidden: configmaps "cm" is forbidden: admission control is denying all modifications'),
  ],
  'create with a generated name': [
    { object: { ...configMap, metadata: { generateName: 'cm-', namespace: 'ns' } } },
    refused('403 Forbidden: configmaps "cm-" is forbidden: admission control is denying all modifications'),
  ],
  connect: [
    connect,
    refused('403 Forbidden: pods "p" is forbidden: admission control is denying all modifications'),
  ],
});

const ingress = (spec: object = {}, annotations: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i', namespace: 'ns', annotations },
  spec,
});
const ingressClass = (name: string, year: number, isDefault: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: {
    name,
    creationTimestamp: `${year}-01-01T00:00:00Z`,
    annotations: { 'ingressclass.kubernetes.io/is-default-class': isDefault },
  },
  spec: { controller: 'example.com/proxy' },
});
describePlugin(
  defaultIngressClass,
  {
    'no class': [{ object: ingress() }, { changes: { 'spec.ingressClassName': 'b' } }],
    'in the old group': [
      { object: { ...ingress(), apiVersion: 'extensions/v1beta1' } },
      { changes: { 'spec.ingressClassName': 'b' } },
    ],
    'a class': [{ object: ingress({ ingressClassName: 'c' }) }, PASSED],
    'a class in the annotation': [{ object: ingress({}, { 'kubernetes.io/ingress.class': 'c' }) }, PASSED],
    'no default': [{ object: ingress(), cluster: [ingressClass('c', 2023, 'false')] }, PASSED],
    'an update': [{ object: ingress(), oldObject: ingress() }, PASSED],
  },
  {
    cluster: [
      ingressClass('a', 2020, 'true'),
      ingressClass('b', 2021, 'true'),
      ingressClass('c', 2023, 'false'),
    ],
  },
);

const service = (...externalIPs: string[]) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'ns' },
  spec: { externalIPs },
});
const external = refused(
  '403 Forbidden: services "s" is forbidden: Use of external IPs is denied by admission control',
);
describePlugin(denyServiceExternalIPs, {
  'create without external IPs': [{ object: service() }, PASSED],
  'create with external IPs': [{ object: service('192.0.2.1') }, external],
  'update that keeps and removes external IPs': [
    { object: service('192.0.2.1'), oldObject: service('192.0.2.1', '192.0.2.2') },
    PASSED,
  ],
  'update that adds external IPs': [
    { object: service('192.0.2.1', '192.0.2.2'), oldObject: service('192.0.2.1') },
    external,
  ],
  status: [{ object: service('192.0.2.1'), oldObject: service(), subresource: 'status' }, PASSED],
});

const node = (...taints: object[]) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: { taints },
});
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
describePlugin(taintNodesByCondition, {
  'a new node': [{ object: node() }, { changes: { 'spec.taints': [notReady] } }],
  'a new node with other taints': [
    { object: node({ ...notReady, effect: 'NoExecute' }) },
    { changes: { 'spec.taints': [{ ...notReady, effect: 'NoExecute' }, notReady] } },
  ],
  'a new node that has the taint': [{ object: node(notReady) }, PASSED],
  'an update': [{ object: node(), oldObject: node() }, PASSED],
});
