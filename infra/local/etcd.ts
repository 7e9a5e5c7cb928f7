/**
 * `zeroplane etcd`: keeps the data of `zeroplane kube-apiserver`, under etcd's flags. What answers is a DynamoDB; this
 * process says where, and that it is well, at the address where a client of etcd would look.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { ensureDataFolder } from './data-folder.ts';
import { startEmbeddedDynamoDB } from './embedded-dynamodb.ts';
import { lockFolder } from './folder-lock.ts';
import { givenFlags } from './given-flags.ts';
import { signalledWhile } from './signalled.ts';

/** What this etcd takes of etcd's flags; the others are about peers and disks that it hasn't. */
const FLAGS = ['data-dir', 'listen-client-urls'] as const;

/** Where `zeroplane etcd` says which DynamoDB it keeps. */
const PLACE_PATH = '/dynamodb';

export interface DynamoDBPlace {
  readonly endpoint: string;
  /** It is the emulator that ships with Zeroplane. */
  readonly isEmbedded: boolean;
}

/** Runs until a signal ends it. */
export async function runEtcd(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(FLAGS.map((flag) => `  --${flag}`).join('\n'));
    return;
  }
  const flags = new Map(givenFlags(args));
  const folder = resolve(flags.get('data-dir') ?? 'default.etcd');
  ensureDataFolder(folder);
  const dynamodb = await startEmbeddedDynamoDB({
    dataFile: join(folder, 'dynamodb.sqlite'),
    lock: () => lockFolder(folder),
  });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const answers: Readonly<Record<string, object>> = {
      '/health': { health: 'true', reason: '' },
      [PLACE_PATH]: { endpoint: dynamodb.endpoint, isEmbedded: dynamodb.isOwn } satisfies DynamoDBPlace,
    };
    const path = request.url ?? '';
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  const [first = ''] = (flags.get('listen-client-urls') ?? 'http://127.0.0.1:2379').split(',');
  const { hostname, port } = new URL(first);
  server.listen(Number(port), hostname.replace(/^\[|\]$/g, ''));
  await once(server, 'listening');
  await signalledWhile(dynamodb);
  server.close();
  server.closeAllConnections();
  await dynamodb.stop();
}

/** The DynamoDB behind `--etcd-servers`: what a `zeroplane etcd` there keeps, or the address's own. */
export async function dynamoDBBehind(etcdServer: string): Promise<DynamoDBPlace> {
  const answer = await fetch(new URL(PLACE_PATH, etcdServer)).catch((cause: unknown) => {
    throw new Error(`--etcd-servers: nothing answers at ${etcdServer}`, { cause });
  });
  return answer.ok ? ((await answer.json()) as DynamoDBPlace) : { endpoint: etcdServer, isEmbedded: false };
}
