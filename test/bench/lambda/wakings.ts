/** Events that invoke the controllers function, and the work until none is left. */

import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { ControlPlane } from '../../../shared/server/create-control-plane.ts';
import { benchDefinition } from '../apiextensions/definitions.ts';
import { binding, CORE, DEFINITIONS, NAMESPACE, rbac, type TablePlace } from './contents.ts';
import type { Answered, BenchEnvironment } from './environment.ts';
import { type Figures, NOTHING, plus } from './figures.ts';
import type { SlowTable } from './slow-table.ts';

type Client = ControlPlane['resources']['client'];

/** Sets up the preconditions, and returns the write that invokes the function. */
type Happening = (client: Client, once: string) => Promise<() => Promise<unknown>>;

const MAPS = { ...CORE, resource: 'configmaps' };
const NAMESPACES = { ...CORE, resource: 'namespaces' };
const REPLICA_SETS = { group: 'apps', version: 'v1', resource: 'replicasets' };
const inDefault = { namespace: NAMESPACE };

const replicaSet = (name: string, owner: KubeObject): KubeObject =>
  ({
    metadata: {
      name,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid },
      ],
    },
    spec: {
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    },
  }) as unknown as KubeObject;

const named = (name: string) => ({ metadata: { name } }) as KubeObject;

/** By description of the event. */
export const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'a ConfigMap is made': async (client, name) => () => client.create(MAPS, named(name), inDefault),
  'a ConfigMap is deleted': async (client, name) => {
    await client.create(MAPS, named(name), inDefault);
    return () => client.delete(MAPS, { name, ...inDefault });
  },
  'an object with an owner is made': async (client, name) => {
    const owner = await client.create(MAPS, named(name), inDefault);
    return () => client.create(REPLICA_SETS, replicaSet(name, owner), inDefault);
  },
  'an owner is deleted': async (client, name) => {
    const owner = await client.create(MAPS, named(name), inDefault);
    await client.create(REPLICA_SETS, replicaSet(name, owner), inDefault);
    return () => client.delete(MAPS, { name, ...inDefault });
  },
  'a Namespace is made': async (client, name) => () => client.create(NAMESPACES, named(name)),
  'a Namespace is deleted': async (client, name) => {
    await client.create(NAMESPACES, named(name));
    return () => client.delete(NAMESPACES, { name });
  },
  'a ClusterRoleBinding is made': async (client, name) => () =>
    client.create(rbac('clusterrolebindings'), binding(name, name)),
  'a definition is made': async (client, name) => () =>
    client.create(DEFINITIONS, benchDefinition(`Woken${name.replaceAll('-', '')}x`) as unknown as KubeObject),
};

type StreamRecord = { readonly dynamodb: { readonly NewImage: { readonly [name: string]: AttributeValue } } };

/** Log entries as delivered by the table's stream; the template filters out those of Leases and Events. */
export class Stream {
  readonly #place: TablePlace;
  readonly #told = new Set<string>();

  constructor(place: TablePlace) {
    this.#place = place;
  }

  /** The records since the last call. */
  async records(): Promise<StreamRecord[]> {
    const { endpoint, tableName } = this.#place;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    const records: StreamRecord[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName })) {
      for (const item of Items) {
        const { S: log = '' } = item['pk'] as AttributeValue.SMember;
        const { S: revision = '' } = item['sk'] as AttributeValue.SMember;
        const name = `${log} ${revision}`;
        if (!log.endsWith('#log') || item['k'] === undefined || this.#told.has(name)) continue;
        this.#told.add(name);
        if (!/\/(?:leases|events)#log$/.test(log)) records.push({ dynamodb: { NewImage: item } });
      }
    }
    client.destroy();
    return records;
  }
}

/** The cost of a response, and the calls since the table's counters were last taken. */
export function spent({ cpu, wall, megabytes }: Answered, table: SlowTable): Partial<Figures> {
  const { inSequence, count: calls, readUnits, writeUnits } = table.take();
  return { answerCPU: cpu, answerWall: wall, megabytes, inSequence, calls, readUnits, writeUnits };
}

/** Invokes the environment until the stream has no more records. */
export async function wake(
  environment: BenchEnvironment,
  stream: Stream,
  table: SlowTable,
): Promise<Figures> {
  let all = NOTHING;
  for (let records = await stream.records(); records.length > 0; records = await stream.records()) {
    table.take();
    const answered = await environment.ask({ Records: records });
    all = plus(all, { ...NOTHING, invocations: 1, ...spent(answered, table) });
  }
  return all;
}

/** The hourly event of the schedule. */
export const HOUR = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
