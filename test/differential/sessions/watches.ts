import type { Session, Step } from '../exchange.ts';

const MAPS = '/api/v1/namespaces/$N/configmaps';

const GRID: Readonly<Record<string, readonly string[]>> = {
  resourceVersion: ['', '0', '1', 'x', '-1'],
  resourceVersionMatch: ['', 'Exact', 'NotOlderThan', 'No'],
  sendInitialEvents: ['', 'true', 'false'],
  allowWatchBookmarks: ['', 'true'],
};

/** All combinations of one value per name; '' omits the name. */
function choices(grid: Readonly<Record<string, readonly string[]>>): URLSearchParams[] {
  return Object.entries(grid).reduce<URLSearchParams[]>(
    (queries, [name, values]) =>
      queries.flatMap((query) =>
        values.map((value) => {
          const next = new URLSearchParams(query);
          if (value !== '') next.set(name, value);
          return next;
        }),
      ),
    [new URLSearchParams()],
  );
}

const INITIAL = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

/** Additional parameters, one at a time. */
const EXTRAS: readonly string[] = [
  'limit=1',
  'limit=1&resourceVersion=0',
  'limit=x',
  'continue=x',
  'continue=x&resourceVersion=1',
  `limit=1&${INITIAL}`,
  `continue=x&${INITIAL}`,
  'labelSelector=a%3Db',
  'labelSelector=a%3Dc',
  'labelSelector=a+in+(b',
  'labelSelector=!a',
  `labelSelector=a%3Dc&${INITIAL}`,
  'fieldSelector=metadata.name%3Done',
  'fieldSelector=metadata.name%3Dnone',
  'fieldSelector=metadata.name!%3Done',
  'fieldSelector=spec.x%3Done',
  'fieldSelector=%3D',
  `fieldSelector=metadata.name%3Done&${INITIAL}`,
  'allowWatchBookmarks=x',
  'sendInitialEvents=x',
  'watch=x',
  'watch=0&sendInitialEvents=true',
  'watch=0&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
  'watch=false&allowWatchBookmarks=true',
  'timeoutSeconds=x',
  'timeoutSeconds=-1&watch=false',
  'pretty=true',
];

const ACCEPTS: readonly string[] = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
  'application/json;as=Table;v=v2;g=meta.k8s.io',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;stream=watch',
  'application/json;stream=other',
  'application/json;sv=v1',
  'application/json;sv=v2',
  'application/yaml',
  'application/yaml, application/json',
  'text/html',
  'text/html, */*',
  'application/*',
  'application/cbor',
];

const TARGETS: readonly string[] = [
  `${MAPS}/one?watch=1`,
  `${MAPS}/none?watch=1`,
  `${MAPS}/one?watch=1&fieldSelector=metadata.name%3Done`,
  `${MAPS}/one?watch=1&fieldSelector=metadata.name%3Dtwo`,
  '/api/v1/watch/namespaces/$N/configmaps?x=1',
  '/api/v1/watch/namespaces/$N/configmaps/one?x=1',
  '/api/v1/watch/namespaces/$N?x=1',
  '/apis/authorization.k8s.io/v1/subjectaccessreviews?watch=1',
  '/api/v1/namespaces/$N/nothings?watch=1',
  '/api/v1/namespaces/$N/pods/x/status?watch=1',
  '/api/v1/namespaces/none/configmaps?watch=1',
  '/api/v1/componentstatuses?watch=1',
];

const map = (name: string, labels: object): Step => ({
  method: 'POST',
  path: MAPS,
  body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { of: name } },
});

/** Sets `timeoutSeconds`, so that the response ends. */
const watch = (query: string, accept?: string): Step => ({
  method: 'GET',
  path: `${MAPS}?${/(?:^|&)watch=/.test(query) ? '' : 'watch=1&'}${/timeoutSeconds/.test(query) ? '' : 'timeoutSeconds=1&'}${query}`,
  ...(accept !== undefined && { headers: { accept } }),
});

/** Watches that end after a second: every combination of their options, every format. */
export function watches(): Session[] {
  const born = [map('one', { a: 'b' }), map('two', {}), map('three', { a: 'c' })];
  return [
    { name: 'watch options', steps: [...born, ...choices(GRID).map((query) => watch(String(query)))] },
    { name: 'watch extras', steps: [...born, ...EXTRAS.map((query) => watch(query))] },
    {
      name: 'watch forms',
      steps: [
        ...born,
        ...ACCEPTS.flatMap((accept) => [watch('', accept), watch(INITIAL, accept)]),
        ...ACCEPTS.map((accept) => watch('includeObject=None', accept)),
        ...ACCEPTS.map((accept) => watch('includeObject=No', accept)),
      ],
    },
    {
      name: 'watch paths',
      steps: [...born, ...TARGETS.map((path): Step => ({ method: 'GET', path: `${path}&timeoutSeconds=1` }))],
    },
  ];
}
