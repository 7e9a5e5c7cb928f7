import { Random } from '../../fixtures/random.ts';
import type { Session, Step } from '../exchange.ts';

const MAPS = '/api/v1/namespaces/$N/configmaps';
const map = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** Bodies that are malformed, of other kinds, or in other encodings. */
export function bodies(): Session[] {
  const texts: readonly [type: string, body: string][] = [
    ['application/json', '{'],
    ['application/json', ''],
    ['application/json', 'null'],
    ['application/json', '[]'],
    ['application/json', '{"kind":"ConfigMap"}'],
    ['application/json', '{"kind":"Nothing","apiVersion":"v1"}'],
    ['application/json', '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}'],
    ['application/json', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"data":{"a":1}}'],
    [
      'application/json',
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"data":{"a":"1","a":"2"}}',
    ],
    ['application/yaml', 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n'],
    ['application/yaml', 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: [}\n'],
    ['text/plain', 'x'],
    ['application/vnd.kubernetes.protobuf', 'x'],
  ];
  const steps = texts.flatMap(([type, body]): Step[] =>
    ['Ignore', 'Warn', 'Strict'].map((validation) => ({
      method: 'POST',
      path: `${MAPS}?dryRun=All&fieldValidation=${validation}`,
      headers: { 'content-type': type },
      body,
    })),
  );
  return [{ name: 'bodies', steps }];
}

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  limit: ['', '1', '-1', 'x'],
  resourceVersion: ['', '0', '1', 'x'],
  resourceVersionMatch: ['', 'Exact', 'NotOlderThan', 'No'],
  continue: ['', 'x'],
  labelSelector: ['', 'a=b', 'a in (b', '!a'],
  fieldSelector: ['', 'metadata.name=b', 'a=b'],
};

/** Every pair of list options. */
export function listOptions(): Session[] {
  const names = Object.keys(OPTIONS);
  const steps: Step[] = ['a', 'b', 'c'].map((name) => ({ method: 'POST', path: MAPS, body: map(name) }));
  for (const [index, left] of names.entries()) {
    for (const right of names.slice(index + 1)) {
      for (const one of OPTIONS[left]!) {
        for (const other of OPTIONS[right]!) {
          const query = new URLSearchParams();
          if (one !== '') query.set(left, one);
          if (other !== '') query.set(right, other);
          steps.push({ method: 'GET', path: `${MAPS}?${query}` });
        }
      }
    }
  }
  return [{ name: 'list options', steps }];
}

/** Random sequences of writes to one object by several managers. */
export function managers(seeds: number): Session[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const random = new Random(seed + 1);
    const steps: Step[] = [];
    for (let count = 0; count < 12; count++) {
      const data = Object.fromEntries(
        ['a', 'b', 'c'].filter(() => random.chance(0.5)).map((key) => [key, random.pick(['1', '2'])]),
      );
      const manager = random.pick(['one', 'two', 'three']);
      const force = random.chance(0.3) ? '&force=true' : '';
      const type = random.pick(['apply-patch+yaml', 'apply-patch+yaml', 'merge-patch+json']);
      steps.push({
        method: 'PATCH',
        path: `${MAPS}/shared?fieldManager=${manager}${type.startsWith('apply') ? force : ''}`,
        headers: { 'content-type': `application/${type}` },
        body: type.startsWith('apply') ? map('shared', data) : { data },
      });
    }
    return { name: `managers, seed ${seed + 1}`, steps };
  });
}

const EXPRESSIONS: readonly string[] = [
  'string(1e6)',
  'string(123456789.123)',
  '"%s".format([1e20])',
  'string(0.1 + 0.2)',
  'string(int(2.9))',
  'string(duration("90m"))',
  'string(quantity("1.5Gi").asApproximateFloat())',
  'string(size("a😀b"))',
  '"a,b".split(",")[1]',
  'string(7 / 2)',
  'string(-7 % 3)',
  'string(2.0 == 2)',
  '"abc".substring(5)',
  'string(1 / 0)',
  'string(9223372036854775807 + 1)',
  'nope',
  'self.x.y',
  '1 +',
  '"x".matches("(")',
];

/** Expressions whose value or error is reported in the message of a failing rule. */
export function expressions(): Session[] {
  const steps = EXPRESSIONS.flatMap((expression, index): Step[] => {
    const names = { plural: `e${index}s`, singular: `e${index}`, kind: `E${index}` };
    const group = '$N.example.com';
    const rule = { rule: 'self.x > 1', messageExpression: expression };
    const schema = {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { x: { type: 'integer' } }, 'x-kubernetes-validations': [rule] },
      },
    };
    return [
      {
        method: 'POST',
        path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All',
        body: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: `${names.plural}.${group}` },
          spec: {
            group,
            scope: 'Namespaced',
            names,
            versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
          },
        },
      },
    ];
  });
  return [{ name: 'expressions', steps }];
}

const PATHS = [
  '/',
  '/api',
  '/api/',
  '/apis',
  '/api/v1',
  '/api/v2',
  '/apis/apps',
  '/apis/apps/v1',
  '/apis/no',
  '/healthz',
  '/livez',
  '/readyz',
  '/healthz/ping',
  '/healthz/no',
  '/version',
  '/metricsx',
  '/openapi',
  '/api/v1/watch',
  '/apis/apps/',
  '/apis/apps/v2',
  '/apis/apps/v1/nothing',
  '/apis/apps/v1/namespaces',
  '/api/v1/pods/x',
  '/api/v1/namespaces/$N/pods/x/nothing',
  '/api/v1/namespaces/$N/configmaps/x/status',
  '/api/v1/proxy/nodes/x',
  '/openapi/v3/apis/no',
  '/swagger.json',
  '/logs',
  '/ui',
  '/version/',
  '/readyz/ping?verbose',
  '/livez/no',
  '/readyz?exclude=etcd',
  '/api/v1/namespaces/$N/nothings',
];

/** Non-resource paths, with every method. */
export function paths(): Session[] {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
  const steps = PATHS.flatMap((path) => methods.map((method): Step => ({ method, path })));
  return [{ name: 'paths', steps }];
}
