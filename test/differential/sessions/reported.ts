/** Differences reported by users or found by comparisons, one case for each kind. */

import type { Session, Step } from '../exchange.ts';

const N = '/api/v1/namespaces/$N';
const DRY = 'dryRun=All';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

const post = (path: string, body: unknown): Step => ({ method: 'POST', path, body });
const put = (path: string, body: unknown): Step => ({ method: 'PUT', path, body });
const get = (path: string, headers?: Record<string, string>): Step => ({
  method: 'GET',
  path,
  ...(headers && { headers }),
});
const remove = (path: string, body?: unknown): Step => ({
  method: 'DELETE',
  path,
  ...(body ? { body } : {}),
});
const patch =
  (type: string) =>
  (path: string, body: unknown, headers: Record<string, string> = {}): Step => ({
    method: 'PATCH',
    path,
    headers: { 'content-type': `application/${type}`, ...headers },
    body,
  });
const merge = patch('merge-patch+json');
const strategic = patch('strategic-merge-patch+json');
const apply = patch('apply-patch+yaml');
const jsonPatch = patch('json-patch+json');

const object = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const pod = (name: string, spec: object = {}) =>
  object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'x' }], ...spec } });
const template = (labels: object = { env: 'x' }, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
});
const job = (name: string, spec: object = {}) =>
  object('batch/v1', 'Job', name, {
    spec: { template: template({ env: 'x' }, { restartPolicy: 'Never' }), ...spec },
  });
const service = (name: string, spec: object) => object('v1', 'Service', name, { spec });
const configMap = (name: string, more: object = {}) => object('v1', 'ConfigMap', name, more);
const MAPS = `${N}/configmaps`;
const PODS = `${N}/pods`;
const CONTAINER_STATUS = { name: 'c', image: 'x', imageID: '', ready: true, restartCount: 0 };
const JOBS = '/apis/batch/v1/namespaces/$N/jobs';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/$N/deployments';
const HPAS = '/apis/autoscaling/v2/namespaces/$N/horizontalpodautoscalers';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const hpa = (name: string, spec: object) =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', name, {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      maxReplicas: 3,
      ...spec,
    },
  });
const deployment = (name: string, spec: object = {}) =>
  object('apps/v1', 'Deployment', name, {
    spec: { selector: { matchLabels: { env: 'x' } }, template: template(), ...spec },
  });
const daemonSet = (name: string, spec: object = {}) =>
  object('apps/v1', 'DaemonSet', name, {
    spec: { selector: { matchLabels: { env: 'x' } }, template: template(), ...spec },
  });

/** A definition whose spec has this schema, in the session's own group. */
const definition = (plural: string, spec: object, version: object = {}) => {
  const kind = plural[0]!.toUpperCase() + plural.slice(1, -1);
  return object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${plural}.$N.example.com`, {
    spec: {
      group: '$N.example.com',
      scope: 'Namespaced',
      names: { plural, singular: plural.slice(0, -1), kind, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
          ...version,
        },
      ],
    },
  });
};
const objectSchema = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

const CASES: Readonly<Record<string, readonly Step[]>> = {
  'codes of plain errors': [
    post(MAPS, configMap('a')),
    apply(`${MAPS}/a?fieldManager=f`, configMap('a', { bogus: 1 })),
    apply(`${MAPS}/a?fieldManager=f`, configMap('a', { data: { a: 1 } })),
    apply(`${MAPS}/a?fieldManager=f`, configMap('a', { data: [] })),
    strategic(`${MAPS}/a`, { $patch: 'bogus' }),
    strategic(`${MAPS}/a`, { metadata: { finalizers: [1] } }),
    get(`${MAPS}/a?resourceVersion=abc`),
    get(`${MAPS}?resourceVersion=abc`),
    get(`${MAPS}?resourceVersion=abc&watch=1`),
    get('/api/v1/componentstatuses?watch=1'),
    get(`${MAPS}?fieldSelector=%3D,!%3D`),
    get(`${MAPS}?fieldSelector=%3Da`),
    get(`${MAPS}?watch=1&timeoutSeconds=1`, { accept: 'application/yaml, application/json' }),
    get(`${MAPS}?watch=1&timeoutSeconds=1`, { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io' }),
    get(`${MAPS}/`, { accept: 'application/yaml' }),
    put(`${MAPS}/a`, { ...configMap('a'), metadata: { name: 'a', resourceVersion: 'abc' } }),
    put(`${MAPS}/a`, { ...configMap('a'), metadata: { name: 'a', resourceVersion: '-1' } }),
    merge(`${MAPS}/a`, { metadata: { resourceVersion: 'abc' } }),
    merge(`${MAPS}/a`, { metadata: { uid: 'nn' } }),
    remove(`${MAPS}/a`, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions: { resourceVersion: 'abc' },
    }),
    post(PODS, pod('p')),
    post(`${PODS}/p/binding`, object('v1', 'Binding', 'p', { target: { kind: 'X', name: '' } })),
    post(`${PODS}/p/binding`, object('v1', 'Binding', 'p', { target: { kind: 'Node', name: '' } })),
    post(PODS, pod('r', { runtimeClassName: '' })),
    strategic(`${PODS}/p`, { spec: { containers: [{ image: 'y' }] } }),
    strategic(`${PODS}/p`, { spec: { containers: [{ $patch: 'odd', name: 'c' }] } }),
    strategic(`${PODS}/p`, { spec: { nothing: { a: 1 } } }),
    jsonPatch(`${PODS}/p`, [{ op: 'odd', path: '/a' }]),
    jsonPatch(`${PODS}/p`, [{ op: 'remove', path: '/nothing' }]),
    jsonPatch(`${PODS}/p`, {}),
    merge(`${PODS}/p`, []),
    get('/api/v1/watch'),
  ],
  'empty against absent': [
    post(PODS, pod('a', { overhead: {} })),
    post(PODS, pod('b', { resources: { claims: [] } })),
    post(PODS, pod('c', { initContainers: [{ name: 'i', image: 'x', lifecycle: {} }] })),
    post(PODS, pod('d', { tolerations: [], nodeSelector: {}, hostAliases: [] })),
    post(HPAS, hpa('a', { behavior: { scaleUp: { policies: [] } } })),
    post(HPAS, hpa('b', { metrics: [] })),
    post(CRDS, definition('empties', { type: 'object', dependencies: {} })),
    post(`${RBAC}/namespaces/$N/roles`, object('rbac.authorization.k8s.io/v1', 'Role', 'r')),
    post(`${N}/limitranges`, object('v1', 'LimitRange', 'l', { spec: {} })),
    post('/apis/storage.k8s.io/v1/csinodes', object('storage.k8s.io/v1', 'CSINode', '$N', { spec: {} })),
    post(
      '/apis/storage.k8s.io/v1/csinodes',
      object('storage.k8s.io/v1', 'CSINode', '$N', { spec: { drivers: [] } }),
    ),
    post('/apis/discovery.k8s.io/v1/namespaces/$N/endpointslices', {
      ...object('discovery.k8s.io/v1', 'EndpointSlice', 'e'),
      addressType: 'IPv4',
    }),
    get('/apis/discovery.k8s.io/v1/namespaces/$N/endpointslices/e', TABLE),
    post(MAPS, configMap('a', { binaryData: { k: null } })),
    post(MAPS, configMap('b', { data: { k: null } })),
    post(MAPS, configMap('c', { data: {}, binaryData: {} })),
    post(`${N}/secrets`, object('v1', 'Secret', 'a', { data: { k: null } })),
    post(JOBS, job('a', { podFailurePolicy: { rules: [] } })),
    post(JOBS, job('b', { podFailurePolicy: {} })),
    get(`${N}/replicationcontrollers`, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    }),
    post(`${N}/endpoints`, {
      ...object('v1', 'Endpoints', 'twice'),
      subsets: [{ addresses: [{ ip: '1.2.3.4' }, { ip: '1.2.3.4' }] }],
    }),
    get(`${N}/endpoints/twice`, TABLE),
    post('/apis/resource.k8s.io/v1/namespaces/$N/resourceclaimtemplates', {
      ...object('resource.k8s.io/v1', 'ResourceClaimTemplate', 't'),
      spec: { metadata: { ownerReferences: [] }, spec: {} },
    }),
    post(
      '/api/v1/nodes',
      object('v1', 'Node', '$N', {
        spec: { taints: [{ key: 'a', effect: 'NoSchedule', timeAdded: '0001-01-01T00:00:00Z' }] },
      }),
    ),
    put('/api/v1/nodes/$N/status', object('v1', 'Node', '$N', { status: { declaredFeatures: ['abc'] } })),
    ...[
      { kernelVersion: '6.1' },
      { kernelVersion: '6.1', architecture: 'arm64' },
      { architecture: 'amd64' },
    ].map((nodeInfo) => merge('/api/v1/nodes/$N/status', { status: { nodeInfo } }, TABLE)),
    get('/apis/apiregistration.k8s.io/v1/apiservices/v1.apps/status', TABLE),
    remove('/api/v1/nodes/$N'),
    remove('/apis/storage.k8s.io/v1/csinodes/$N'),
  ],
  'statuses of pods': [
    post(PODS, pod('p')),
    merge(`${PODS}/p/status`, {
      status: { nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'a' }] },
    }),
    merge(`${PODS}/p/status`, { status: { hostIPs: [{ ip: 'x' }], podIPs: [{ ip: 'x' }] } }),
    merge(`${PODS}/p/status`, { status: { podIPs: [{ ip: '' }, { ip: 'x' }] } }),
    merge(`${PODS}/p/status`, { status: { podIPs: [{ ip: '10.9.8.7' }, { ip: 'fd00::1' }] } }),
    merge(`${PODS}/p/status`, { status: { podIP: '10.9.8.6' } }),
    merge(`${PODS}/p/status`, {
      status: { resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'Not Valid' }] },
    }),
    ...[-1, 4_294_967_295, 4_294_967_296].map((uid) =>
      merge(`${PODS}/p/status`, {
        status: { containerStatuses: [{ ...CONTAINER_STATUS, user: { linux: { uid, gid: 0 } } }] },
      }),
    ),
    merge(`${PODS}/p/status`, { status: { phase: 'Succeeded' } }),
    get(`${PODS}/p`, TABLE),
    get(PODS, TABLE),
    merge(`${PODS}/p/status`, { status: { phase: 'Odd' } }),
    merge(`${PODS}/p/status`, { status: { conditions: [{ type: 'Ready', status: 'x' }] } }),
    merge(`${PODS}/p`, { spec: { restartPolicy: 'Never' } }),
    merge(`${PODS}/p`, { spec: { activeDeadlineSeconds: -1 } }),
    apply(
      `${PODS}/p/ephemeralcontainers?fieldManager=x`,
      pod('p', { ephemeralContainers: [{ name: 'e', image: 'x' }] }),
    ),
    apply(
      `${PODS}/p/resize?fieldManager=x`,
      pod('p', { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] }),
    ),
    strategic(`${PODS}/p/ephemeralcontainers`, {
      spec: { ephemeralContainers: [{ name: 'f', image: 'x', lifecycle: {} }] },
    }),
    strategic(`${PODS}/p/ephemeralcontainers`, {
      spec: { ephemeralContainers: [{ name: 'g', image: 'x', ports: [] }] },
    }),
    get(`${PODS}/p`),
    post(
      PODS,
      pod('i', {
        initContainers: [
          {
            name: 'i',
            image: 'x',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
          },
        ],
      }),
    ),
    post(
      PODS,
      pod('j', {
        containers: [
          {
            name: 'c',
            image: 'x',
            restartPolicyRules: [{ action: 'Odd', exitCodes: { operator: 'In', values: [1] } }],
          },
        ],
      }),
    ),
    post(PODS, pod('k', { tolerations: [{ key: 'a', operator: 'Odd' }] })),
    post(PODS, pod('l', { securityContext: { seLinuxChangePolicy: 'Odd' } })),
    post(PODS, pod('m', { containers: [{ name: 'c', image: 'a b' }] })),
  ],
  services: [
    post(`${N}/services?${DRY}`, service('a', { type: 'NodePort', ports: [{ port: 1, nodePort: 1 }] })),
    post(`${N}/services?${DRY}`, service('a', { type: 'NodePort', ports: [{ port: 1, nodePort: -1 }] })),
    post(
      `${N}/services?${DRY}`,
      service('a', { type: 'NodePort', ports: [{ port: 1, nodePort: 2147483647 }] }),
    ),
    post(`${N}/services`, service('a', { type: 'NodePort', ports: [{ port: 1, nodePort: 1 }] })),
    post(
      `${N}/services?${DRY}`,
      service('a', {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 5,
        ports: [{ port: 1 }],
      }),
    ),
    post(`${N}/services`, service('h', { clusterIP: 'None', ports: [{ port: 1 }] })),
    post(
      `${N}/services`,
      service('i', { clusterIP: 'None', sessionAffinity: 'ClientIP', ports: [{ port: 1 }] }),
    ),
    post(`${N}/services`, service('j', { externalIPs: ['1.2.3.4'], ports: [{ port: 1 }] })),
    post(`${N}/services`, service('k', { clusterIP: '10.1.2.3', ports: [{ port: 1 }] })),
    post(
      `${N}/services`,
      service('l', { loadBalancerIP: '1.2.3.4', type: 'LoadBalancer', ports: [{ port: 1 }] }),
    ),
    post(`${N}/services`, service('m', { externalName: 'a.b', type: 'ExternalName' })),
    merge(`${N}/services/h`, { spec: { clusterIP: '10.0.0.9' } }),
    get(`${N}/services`, TABLE),
  ],
  warnings: [
    post(`${N}/endpoints`, object('v1', 'Endpoints', 'a')),
    get(`${N}/endpoints`),
    get(`${N}/endpoints/a`),
    remove(`${N}/endpoints/a`),
    get('/api/v1/componentstatuses'),
    get('/api/v1/componentstatuses', TABLE),
    post(JOBS, job('a')),
    get(JOBS, TABLE),
    remove(`${JOBS}/a`),
    post(JOBS, job('b')),
    remove(`${JOBS}/b?propagationPolicy=Background`),
    post(
      `${N}/replicationcontrollers`,
      object('v1', 'ReplicationController', 'a', {
        spec: {
          selector: { env: 'x' },
          template: template({ env: 'x' }, { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
        },
      }),
    ),
    merge(`${N}/replicationcontrollers/a`, { metadata: { labels: { a: 'b' } } }),
    post(PODS, pod('w', { nodeSelector: { 'beta.kubernetes.io/os': 'linux' }, hostAliases: [{ ip: 'x' }] })),
    post(
      PODS,
      pod('x', {
        containers: [
          {
            name: 'c',
            image: 'x',
            env: [
              { name: 'a', value: '1' },
              { name: 'a', value: '2' },
            ],
          },
        ],
      }),
    ),
    post(
      PODS,
      pod('y', {
        containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 1 }, { containerPort: 1 }] }],
      }),
    ),
    post(PODS, pod('z', { volumes: [{ name: 'v', gitRepo: { repository: 'x' } }] })),
    post(
      DEPLOYMENTS,
      deployment('a', { template: template({ env: 'x' }, { terminationGracePeriodSeconds: -1 }) }),
    ),
    post('/apis/storage.k8s.io/v1/storageclasses', {
      ...object('storage.k8s.io/v1', 'StorageClass', '$N'),
      provisioner: 'x',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'beta.kubernetes.io/os', values: ['a'] }] }],
    }),
    get('/apis/storage.k8s.io/v1/storageclasses/$N', TABLE),
    remove('/apis/storage.k8s.io/v1/storageclasses/$N'),
    post(
      '/api/v1/persistentvolumes',
      object('v1', 'PersistentVolume', '$N', {
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Recycle',
          hostPath: { path: '/a' },
        },
      }),
    ),
    remove('/api/v1/persistentvolumes/$N'),
    post(
      '/api/v1/persistentvolumes',
      object('v1', 'PersistentVolume', '$N-flex', {
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          hostPath: { path: '/a' },
          flexVolume: { driver: 'a/b' },
        },
      }),
    ),
    remove('/api/v1/persistentvolumes/$N-flex'),
    put('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/catch-all/status', {
      metadata: { name: 'catch-all' },
      status: {},
    }),
  ],
  tables: [
    post(`${N}/serviceaccounts`, object('v1', 'ServiceAccount', 'a')),
    get(`${N}/serviceaccounts/a`, TABLE),
    post(`${N}/events`, {
      ...object('v1', 'Event', 'e'),
      involvedObject: { namespace: '$N', kind: 'Pod', name: 'p' },
      reason: 'R',
      message: 'M',
      type: 'Normal',
      count: 2,
    }),
    get(`${N}/events`, TABLE),
    get('/apis/events.k8s.io/v1/namespaces/$N/events', TABLE),
    get('/apis/events.k8s.io/v1/namespaces/$N/events/none'),
    post('/apis/storage.k8s.io/v1/namespaces/$N/csistoragecapacities', {
      ...object('storage.k8s.io/v1', 'CSIStorageCapacity', 'c'),
      storageClassName: 'x',
    }),
    get('/apis/storage.k8s.io/v1/namespaces/$N/csistoragecapacities', TABLE),
    post(
      '/apis/policy/v1/namespaces/$N/poddisruptionbudgets',
      object('policy/v1', 'PodDisruptionBudget', 'b', { spec: { minAvailable: 1 } }),
    ),
    get('/apis/policy/v1/namespaces/$N/poddisruptionbudgets', TABLE),
    post(HPAS, hpa('a', {})),
    get(HPAS, TABLE),
    post(
      `${N}/persistentvolumeclaims`,
      object('v1', 'PersistentVolumeClaim', 'c', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    get(`${N}/persistentvolumeclaims`, TABLE),
    {
      ...post(
        '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
        object('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', '$N', {
          spec: { priorityLevelConfiguration: { name: 'none' } },
        }),
      ),
      settles: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/$N',
    },
    get('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/$N', TABLE),
    remove('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/$N'),
    get('/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', TABLE),
    post(
      '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', '$N', { spec: {} }),
    ),
    post('/apis/apps/v1/namespaces/$N/controllerrevisions', {
      ...object('apps/v1', 'ControllerRevision', 'c'),
      revision: 1,
      data: { a: 1 },
    }),
    get('/apis/apps/v1/namespaces/$N/controllerrevisions', TABLE),
    merge('/apis/apps/v1/namespaces/$N/controllerrevisions/c', { metadata: { labels: { a: 'b' } } }),
    post('/apis/scheduling.k8s.io/v1/priorityclasses', {
      ...object('scheduling.k8s.io/v1', 'PriorityClass', '$N'),
      value: 1,
    }),
    get('/apis/scheduling.k8s.io/v1/priorityclasses/$N', TABLE),
    remove('/apis/scheduling.k8s.io/v1/priorityclasses/$N'),
    get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes'),
    get('/api/v1/namespaces/default/endpoints/kubernetes'),
    get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'),
    get('/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
  ],
  'managed fields': [
    post('/apis/apps/v1/namespaces/$N/daemonsets?fieldManager=x', daemonSet('a')),
    post(
      '/apis/apps/v1/namespaces/$N/daemonsets?fieldManager=x',
      daemonSet('b', { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } }),
    ),
    post(
      '/apis/autoscaling/v1/namespaces/$N/horizontalpodautoscalers?fieldManager=x',
      object('autoscaling/v1', 'HorizontalPodAutoscaler', 'a', {
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
          maxReplicas: 3,
          targetCPUUtilizationPercentage: 50,
        },
      }),
    ),
    post(DEPLOYMENTS, deployment('a')),
    get(`${DEPLOYMENTS}/a/scale`),
    merge(`${DEPLOYMENTS}/a/scale?fieldManager=s`, { spec: { replicas: 0 } }),
    merge(`${DEPLOYMENTS}/a/scale?fieldManager=s`, { spec: { replicas: 2 } }),
    apply(
      `${DEPLOYMENTS}/a/scale?fieldManager=t&force=true`,
      object('autoscaling/v1', 'Scale', 'a', { spec: { replicas: 3 } }),
    ),
    put(`${DEPLOYMENTS}/a/scale`, object('autoscaling/v1', 'Scale', 'a', { spec: { replicas: -1 } })),
    put(`${DEPLOYMENTS}/a/scale`, object('autoscaling/v1', 'Scale', 'a', { spec: {} })),
    merge(`${DEPLOYMENTS}/a/status?fieldManager=st`, { status: { replicas: 1 } }),
    get(`${DEPLOYMENTS}/a`),
  ],
  'custom resources': [
    post(
      CRDS,
      definition(
        'things',
        objectSchema(
          {
            f: { type: 'number', multipleOf: 0.5 },
            i: { type: 'integer', format: 'int64' },
            size: { type: 'integer' },
            list: { type: 'array', items: { type: 'string' } },
            map: { type: 'object', additionalProperties: { type: 'string' } },
            set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
            keyed: {
              type: 'array',
              items: objectSchema(
                { name: { type: 'string' }, port: { type: 'integer', default: 80 } },
                { required: ['name'] },
              ),
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['name', 'port'],
            },
            nested: objectSchema({ deep: objectSchema({ a: { type: 'string' } }) }),
            image: { type: 'string', default: 'busybox' },
            replicas: { type: 'integer' },
            priority: { type: 'integer', maximum: 2 ** 63 - 1024 },
            anyInt: { 'x-kubernetes-int-or-string': true },
          },
          { default: {} },
        ),
        {
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
        },
      ),
    ),
    { ...get('/apis/$N.example.com/v1/namespaces/$N/things'), until: 200 },
    ...(() => {
      const THINGS = '/apis/$N.example.com/v1/namespaces/$N/things';
      const thing = (name: string, spec?: object) => ({
        ...object('$N.example.com/v1', 'Thing', name),
        ...(spec && { spec }),
      });
      const text = (name: string, spec: string) =>
        `{"apiVersion":"$N.example.com/v1","kind":"Thing","metadata":{"name":"${name}"},"spec":${spec}}`;
      return [
        post(THINGS, thing('a')),
        merge(`${THINGS}/a/scale`, { spec: { replicas: 5 } }),
        get(`${THINGS}/a`),
        apply(
          `${THINGS}/a/scale?fieldManager=x&force=true&${DRY}`,
          object('autoscaling/v1', 'Scale', 'a', { spec: { replicas: 7 } }),
        ),
        post(THINGS, { metadata: { name: 'nokind' } }),
        post(THINGS, { kind: 'Thing', metadata: { name: 'noversion' } }),
        post(THINGS, { apiVersion: '$N.example.com/v1', metadata: { name: 'nokind' } }),
        post(THINGS, object('$N.example.com/v1', 'Other', 'other')),
        post(THINGS, object('v1', 'Pod', 'pod')),
        put(`${THINGS}/a`, { metadata: { name: 'a' } }),
        put(`${THINGS}/a/status`, { metadata: { name: 'a' } }),
        merge(`${THINGS}/a`, { kind: null }),
        merge(`${THINGS}/a`, { apiVersion: null }),
        merge(`${THINGS}/a`, { kind: 'Other' }),
        merge(`${THINGS}/a`, { apiVersion: 'v2' }),
        remove(`${THINGS}/a?${DRY}`, { kind: 'Thing', apiVersion: '$N.example.com/v1' }),
        remove(`${THINGS}/a?${DRY}`, { kind: 'DeleteOptions', apiVersion: '$N.example.com/v1' }),
        remove(`${THINGS}?${DRY}`, { kind: 'Pod', apiVersion: 'v1' }),
        post(`${THINGS}?${DRY}`, text('n1', '{"f":3.0}')),
        post(THINGS, text('n2', '{"f":3}')),
        post(THINGS, text('n3', '{"i":-9223372036854775809}')),
        post(THINGS, text('n4', '{"i":9223372036854775807}')),
        post(THINGS, text('n5', '{"i":9223372036854775808}')),
        post(THINGS, text('n6', '{"size":1.0}')),
        post(THINGS, text('n7', '{"size":1e2}')),
        post(THINGS, text('n8', '{"size":1e400}')),
        post(`${THINGS}?${DRY}`, text('n9', '{"size":-0.0,"f":-0.0}')),
        post(THINGS, text('n10', '{"priority":10}')),
        post(THINGS, text('n11', '{"priority":9223372036854775807}')),
        post(THINGS, text('n12', '{"anyInt":9223372036854775807}')),
        post(THINGS, text('n13', '{"anyInt":1.5}')),
        post(THINGS, thing('o1', { list: null, map: null })),
        apply(`${THINGS}/o2?fieldManager=x`, thing('o2', { list: null, map: null })),
        apply(`${THINGS}/o3?fieldManager=x`, thing('o3', { set: ['a', 'a'] })),
        post(THINGS, thing('o3', { set: ['a', 'a'] })),
        apply(`${THINGS}/o4?fieldManager=x`, thing('o4', { keyed: [{ name: 'a' }, { name: 'a' }] })),
        apply(`${THINGS}/o4?fieldManager=x`, thing('o4', { keyed: [{ name: 'a' }, { name: 'b' }] })),
        apply(`${THINGS}/o4?fieldManager=x`, thing('o4', { bogus: 1 })),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5', { nested: { deep: { a: 'x' } } })),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5', { nested: {} })),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5', { nested: { deep: { a: null } } })),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5', { nested: null })),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5', {})),
        apply(`${THINGS}/o5?fieldManager=x`, { ...thing('o5'), spec: null }),
        apply(`${THINGS}/o5?fieldManager=x`, thing('o5')),
        merge(`${THINGS}/o5`, { spec: { nested: null, unknown: 1 } }),
        merge(`${THINGS}/o5?fieldValidation=Strict`, { spec: { unknown: 1 } }),
        strategic(`${THINGS}/o5`, { spec: {} }),
        put(`${THINGS}/o5/status`, thing('o5', { image: 'other' })),
        get(`${THINGS}/o5/scale`),
        get(`${THINGS}?fieldSelector=spec.image%3Dx`),
        get(`${THINGS}?limit=1`),
        get(THINGS, TABLE),
        remove(`${THINGS}/o5`),
        get(`${CRDS}/things.$N.example.com`),
        remove(`${CRDS}/things.$N.example.com`),
      ];
    })(),
  ],
  'constant formats': [
    ...[
      "'%s'.format([])",
      "'%z'.format([1])",
      "'%s'.format([quantity('1')])",
      "'%d'.format(['a'])",
      'string(int(9.3e18))',
      "string(int('x'))",
      "'%s'.format([b'\\xff'])",
      "'%.3f'.format([1.0/3.0])",
      "'%e'.format([1e6])",
      "'%x'.format(['é'])",
      "'%b'.format([true])",
      "'%o'.format([8])",
      "'%s'.format([[1.0, null]])",
      "'%s'.format([{'a': 1u}])",
      "'%s'.format([duration('1h')])",
      "'%s'.format([timestamp('2020-01-01T00:00:00Z')])",
      "'%s %s'.format(['a'])",
      "'%s'.format(['a', 'b'])",
      "'%'.format([1])",
      "'%5s'.format([1])",
      "'%b'.format(['s'])",
      "'%f'.format([1])",
      "'%f'.format(['NaN'])",
      "'%é'.format([1])",
      "'%.f'.format([1.0])",
      "'%.'.format([1.0])",
      "'%.5'.format([1.0])",
      "'%.99999999999999999999f'.format([1.0])",
      "'%s'.format([[quantity('1')]])",
      "'%s'.format([{'a': quantity('1')}])",
      "'%s'.format([optional.of(1)])",
      "'%%'.format([1])",
      "'%%%'.format([1])",
      "'%x'.format([1.5])",
      "'%o'.format([true])",
      "'%d'.format([dyn('x')])",
      "'%s'.format([1, 'a'])",
    ].map((expression, index) =>
      post(
        `${CRDS}?${DRY}`,
        definition(
          `formats${index}s`,
          objectSchema(
            { x: { type: 'integer' } },
            {
              'x-kubernetes-validations': [
                { rule: 'self.x > 1', messageExpression: expression },
                { rule: `${expression} == 'a'` },
              ],
            },
          ),
        ),
      ),
    ),
  ],
  lists: [
    ...['a', 'b', 'c', 'd'].map((name) => post(MAPS, configMap(name))),
    get(`${MAPS}?limit=3&resourceVersion=0`),
    get(`${MAPS}?limit=1`),
    get(`${MAPS}?limit=1&resourceVersion=0&resourceVersionMatch=NotOlderThan`),
    get(`${MAPS}?limit=500`),
    get(`${JOBS}?fieldSelector=status.successful%3D0`),
    get(`${JOBS}?fieldSelector=status.nothing%3D0`),
    get(`/apis/batch/v1/namespaces/$N/cronjobs?fieldSelector=status.nothing%3D0`),
    get(`/apis/apps/v1/namespaces/$N/replicasets?fieldSelector=status.nothing%3D0`),
    get(MAPS, { accept: 'application/*' }),
    get(MAPS, { accept: 'text/html' }),
    get(MAPS, { accept: '*/*' }),
    get(MAPS, { accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io' }),
    get(MAPS, { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io' }),
    get(MAPS, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
    get(`${MAPS}/a`, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
    get('/version', { accept: 'text/html' }),
    get('/version', { accept: 'application/yaml' }),
    get('/api', { accept: 'application/yaml' }),
    get('/apis', { accept: 'text/html' }),
    get(`${MAPS}/a?watch=true&timeoutSeconds=1`),
    remove(`${MAPS}?labelSelector=no%3Dsuch`),
    remove(`${MAPS}?propagationPolicy=Odd`),
    remove(`${MAPS}/a?gracePeriodSeconds=x`),
    remove(`${MAPS}/a`, pod('x')),
    remove(`${MAPS}/a?orphanDependents=true&propagationPolicy=Background`),
    remove(`${MAPS}`),
  ],
};

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const selected = { namespaceSelector: { matchLabels: { seen: '$N' } } };

/** A policy that rejects everything in namespaces with a label, and reports its input. */
const SEEN = `'ns=' + request.namespace + ' name=' + request.name + ' ' + request.operation + ' ' + (has(object.command) ? object.command.join(' ') + (has(object.stdin) ? ' stdin' : '') : has(object.replicas) ? 'x' : has(object.spec) && has(object.spec.replicas) ? string(object.spec.replicas) : 'none')`;
const tell = (kind: string, apiGroup: string, resources: readonly string[]) => [
  post(
    POLICIES,
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', `${kind}.$N`, {
      spec: {
        matchConstraints: {
          resourceRules: [{ operations: ['*'], apiGroups: [apiGroup], apiVersions: ['v1'], resources }],
        },
        validations: [{ expression: 'false', messageExpression: SEEN }],
      },
    }),
  ),
  post(
    BINDINGS,
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', `${kind}.$N`, {
      spec: { policyName: `${kind}.$N`, validationActions: ['Deny'], matchResources: selected },
    }),
  ),
];
const forget = (kind: string) => [remove(`${BINDINGS}/${kind}.$N`), remove(`${POLICIES}/${kind}.$N`)];
const seen = { metadata: { labels: { seen: '$N' } } };

const ADMISSION: readonly Step[] = [
  post(PODS, pod('p')),
  post(DEPLOYMENTS, deployment('a', { replicas: 3 })),
  merge('/api/v1/namespaces/$N', seen),
  ...tell('namespaces', '', ['namespaces']),
  { ...merge('/api/v1/namespaces/$N?dryRun=All', { metadata: { labels: { a: 'b' } } }), until: 422 },
  remove('/api/v1/namespaces/$N'),
  ...forget('namespaces'),
  ...tell('exec', '', ['pods/exec', 'pods/attach']),
  { ...post(`${PODS}/p/exec?command=ls&command=-l&stdin=true`, undefined), until: 422 },
  post(`${PODS}/p/exec?command=ls&stdin=false&tty=1`, undefined),
  post(`${PODS}/p/exec`, undefined),
  ...forget('exec'),
  ...tell('scale', 'apps', ['deployments/scale']),
  { ...merge(`${DEPLOYMENTS}/a/scale`, { spec: { replicas: 2 } }), until: 422 },
  merge(`${DEPLOYMENTS}/a/scale`, { spec: { replicas: 0 } }),
  ...forget('scale'),
];

export function reported(): Session[] {
  return Object.entries({ ...CASES, 'what admission sees': ADMISSION }).map(([name, steps]) => ({
    name,
    steps,
  }));
}
