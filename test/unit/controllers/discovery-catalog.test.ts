import { expect, test } from 'vitest';
import { DiscoveryCatalog } from '../../../shared/controllers/discovery-catalog.ts';
import type {
  DiscoverySource,
  GroupDiscovery,
} from '../../../shared/endpoints/discovery/discovery-source.ts';
import { resourcePrefix } from '../../../shared/registry/generic/store.ts';

const group = (name: string, resource: string, isRemote = false): GroupDiscovery => ({
  name,
  versions: [
    {
      version: 'v1',
      resources: [
        {
          resource,
          responseKind: { group: name, version: 'v1', kind: resource },
          scope: 'Namespaced',
          verbs: ['list', 'delete'],
          singularResource: '',
          subresources: [],
        },
      ],
      freshness: 'Current',
      ...(isRemote && { isRemote }),
    },
  ],
});

const source = (groups: readonly GroupDiscovery[]) => ({ groups: async () => groups }) as DiscoverySource;
const BUILT_IN = [group('', 'pods'), group('events.k8s.io', 'events')];
const REMOTE = [group('metrics.k8s.io', 'pods', true)];
const CUSTOM = [group('example.com', 'widgets')];

const catalogOf = (written: ReadonlySet<string> | undefined) =>
  new DiscoveryCatalog({
    all: source([...BUILT_IN, ...REMOTE, ...CUSTOM]),
    builtIn: source(BUILT_IN),
    remote: source(REMOTE),
    custom: async () => undefined,
    written: async () => written,
    prefixesOf: ({ group, resource }) =>
      resource === 'events' ? ['/registry/core/events'] : [resourcePrefix({ group, resource }), '/other'],
    newestRevision: async (prefix) => (prefix === '/registry/core/pods' ? 7 : 1),
  });

/** The objects of another server are unknown here. */
const ALWAYS = 'pods.metrics.k8s.io';

test.each([
  ['is unknown', undefined, ['pods.', 'events.events.k8s.io', ALWAYS, 'widgets.example.com']],
  ['is empty', [], [ALWAYS]],
  ['contains a served one', ['/registry/core/pods'], ['pods.', ALWAYS]],
  ['contains one under another group', ['/registry/core/events'], ['events.events.k8s.io', ALWAYS]],
  ['contains only unknown ones', ['/registry/example.com/gadgets', '/zeroplane/claims'], [ALWAYS]],
])('resources that may have objects if the list of written ones %s', async (_, written, expected) => {
  const found = await catalogOf(written && new Set(written)).inUse();
  expect(found.map(({ resource, group }) => `${resource}.${group}`)).toEqual(expected);
});

test.each([
  ['pods', 7],
  ['widgets', 1],
])('the newest revision of %s is that of the prefix in use: %i', async (resource, expected) => {
  expect(await catalogOf(undefined).newestRevision({ group: '', resource })).toBe(expected);
});
