import type { DynamoDBStreamEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { grownLogs, writtenKeys } from '../../../functions/adapter/change-stream.ts';

const record = (image: Record<string, string>) => ({
  eventName: 'INSERT' as const,
  dynamodb: { NewImage: Object.fromEntries(Object.entries(image).map(([name, S]) => [name, { S }])) },
});

test('log entries identify written objects, each once; other items are skipped', () => {
  const event: DynamoDBStreamEvent = {
    Records: [
      record({ pk: '/registry/core/namespaces#log', sk: '1', k: 'a', y: 'p' }),
      record({ pk: '/registry/core/namespaces#log', sk: '2', k: 'a', y: 'd' }),
      record({ pk: '/registry/apps/deployments#log', sk: '1', k: 'a/b', y: 'p' }),
      record({ pk: '/registry/services/nodeports#log', sk: '1', k: '30000', y: 'p' }),
      record({ pk: '/zeroplane/claims#log', sk: '1', k: 'bootstrap', y: 'p' }),
      record({ pk: '/registry/customresources/example.com/things#log', sk: '3', k: 'c', y: 'd' }),
      record({ pk: '/registry/customresources/example.com/things#log', sk: '4', k: 'c', y: 'p' }),
      record({ pk: '/registry/customresources/example.com/things#log', sk: '6', k: 'c', y: 'd' }),
      record({ pk: '/registry/customresources/example.com/things#log', sk: '7', k: 'c', y: 'p' }),
      record({ pk: '/registry/apps/deployments', sk: 'a/b' }),
      record({ pk: '/registry/apps/deployments#log', sk: '2', y: 'n' }),
      { eventName: 'REMOVE', dynamodb: {} },
    ],
  };
  expect(writtenKeys(event)).toEqual([
    {
      resource: { group: '', resource: 'namespaces' },
      namespace: '',
      name: 'a',
      deletedAt: [2],
      isGone: true,
    },
    {
      resource: { group: 'apps', resource: 'deployments' },
      namespace: 'a',
      name: 'b',
      deletedAt: [],
      isGone: false,
    },
    {
      resource: { group: 'example.com', resource: 'things' },
      namespace: '',
      name: 'c',
      deletedAt: [3, 6],
      isGone: false,
    },
  ]);
});

test('logs that grew, with their revision; parts, holes and objects are ignored', () => {
  const event: DynamoDBStreamEvent = {
    Records: [
      record({ pk: '/registry/core/namespaces#log', sk: '12', k: 'a', y: 'p' }),
      record({ pk: '/registry/core/namespaces#log', sk: '2', k: 'b', y: 'd' }),
      record({ pk: '/registry/apps/deployments#log', sk: '3', y: 'n' }),
      record({ pk: '/registry/core/secrets#log', sk: '00000000000000004#0001' }),
      record({ pk: '/registry/core/secrets', sk: 'a/b' }),
      record({ pk: '/zeroplane/claims#log', sk: '5', k: 'bootstrap', y: 'p' }),
      { eventName: 'REMOVE', dynamodb: {} },
    ],
  };
  expect([...grownLogs(event)]).toEqual([
    ['/registry/core/namespaces', 12],
    ['/zeroplane/claims', 5],
  ]);
});
