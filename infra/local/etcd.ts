/**
 * `zeroplane etcd`: stores the data of `zeroplane kube-apiserver`, with etcd's flags. The data is in a DynamoDB; this
 * process serves its location, and a health check, at the address that clients of etcd use.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { WireDynamoDBTable } from '../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { ensureDataFolder } from './dynamodb/data-folder.ts';
import { openDynamoDBSocket } from './dynamodb/dynamodb-socket.ts';
import { startEmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';
import { lockFolder } from './dynamodb/folder-lock.ts';
import { type OpenTable, sdkTableOpener } from './dynamodb/table-opener.ts';
import { givenFlags } from './given-flags.ts';
import { localLogger } from './logger.ts';
import { terminationSignalWhile } from './termination-signal.ts';

/** The supported flags of etcd; the others concern peers and disks. */
const FLAGS = ['data-dir', 'listen-client-urls'] as const;

/** Path at which `zeroplane etcd` serves the location of its DynamoDB. */
const PLACE_PATH = '/dynamodb';

interface DynamoDBPlace {
  /** A private socket of the embedded emulator, or the address of an external DynamoDB. */
  readonly endpoint: string;
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
  const logger = localLogger({});
  const dynamodb = await startEmbeddedDynamoDB({
    logger,
    dataFile: join(folder, 'dynamodb.sqlite'),
    lock: () => lockFolder(folder),
  });
  const { connection } = dynamodb;
  const socket = connection && (await openDynamoDBSocket(connection, folder));
  const place: DynamoDBPlace = {
    endpoint: socket?.endpoint ?? process.env['AWS_ENDPOINT_URL_DYNAMODB']!,
    isEmbedded: socket !== undefined,
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const answers: Readonly<Record<string, object>> = {
      '/health': { health: 'true', reason: '' },
      [PLACE_PATH]: place,
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
  await terminationSignalWhile(dynamodb);
  server.close();
  server.closeAllConnections();
  socket?.close();
  await dynamodb.stop();
}

/** The tables behind `--etcd-servers`: those of a `zeroplane etcd` there, or of a DynamoDB at the address. */
export async function tablesBehind(etcdServer: string): Promise<OpenTable> {
  const answer = await fetch(new URL(PLACE_PATH, etcdServer)).catch((cause: unknown) => {
    throw new Error(`--etcd-servers: no response from ${etcdServer}`, { cause });
  });
  if (!answer.ok) return sdkTableOpener(etcdServer);
  const { endpoint, isEmbedded } = (await answer.json()) as DynamoDBPlace;
  return isEmbedded
    ? (tableName, usage) => new WireDynamoDBTable({ endpoint, tableName, onCapacity: usage?.add })
    : sdkTableOpener(endpoint);
}
