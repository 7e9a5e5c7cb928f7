/** A DynamoDB proxy that delays each call and records it. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallSpan, callsInSequence } from '../../fixtures/calls-in-sequence.ts';

interface Call extends CallSpan {
  readonly reads: boolean;
  /** Request units as reported by DynamoDB. */
  readonly units: number;
}

export interface Calls {
  readonly count: number;
  /** The number of sequential calls. */
  readonly inSequence: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface SlowTable {
  readonly endpoint: string;
  /** The calls since it was last called. */
  take(): Calls;
  close(): Promise<void>;
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'Query', 'BatchGetItem', 'Scan']);

/** `target`: DynamoDB's address. `delayMs`: delay of each call. */
export async function openSlowTable(target: string, delayMs: number): Promise<SlowTable> {
  let calls: Call[] = [];
  const server = createServer(async (incoming, response) => {
    const from = performance.now();
    const operation = String(incoming.headers['x-amz-target']).split('.')[1]!;
    const body = await bytesOf(incoming);
    await sleep(delayMs);
    const forwarded = request(target, { method: 'POST', headers: incoming.headers });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const bytes = await bytesOf(answer);
    const units = unitsOf(JSON.parse(bytes.toString()) as Consumption);
    calls.push({ from, to: performance.now(), reads: READS.has(operation), units });
    response.writeHead(answer.statusCode!, answer.headers).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = calls;
      calls = [];
      const units = (reads: boolean) =>
        taken.filter((call) => call.reads === reads).reduce((sum, call) => sum + call.units, 0);
      return {
        count: taken.length,
        inSequence: callsInSequence(taken),
        readUnits: units(true),
        writeUnits: units(false),
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Consumption {
  readonly ConsumedCapacity?:
    | { readonly CapacityUnits: number }
    | readonly { readonly CapacityUnits: number }[];
}

function unitsOf({ ConsumedCapacity = [] }: Consumption): number {
  return [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
}
