/** Emulates a table's event source: passes new stream records to a function, like Lambda. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { EventPattern, ValuePattern } from './template.ts';

export interface TableStreamOptions {
  /** Of an emulator, which checks no signatures. */
  readonly endpoint: string;
  readonly tableName: string;
  readonly patterns: readonly EventPattern[];
  readonly invoke: (event: { readonly Records: readonly StreamRecord[] }) => Promise<unknown>;
}

export interface StreamRecord {
  readonly eventName: string;
  readonly dynamodb: Readonly<Record<string, unknown>>;
}

export interface TableStream {
  /** Resolves when all records written before the call have been passed on, and have led to no new ones. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const POLL_MS = 100;
const BATCH = 1000;
/** Like Lambda, retries a failed batch a number of times, then drops it. */
const ATTEMPTS = 3;
const RETRY_MS = 500;

/** Whether a record matches an event source's filter. */
export function matchesPattern(pattern: EventPattern, value: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const actual = (value as Readonly<Record<string, unknown>> | undefined)?.[field];
    return Array.isArray(expected)
      ? expected.some((value: ValuePattern) => matchesValue(value, actual))
      : matchesPattern(expected as EventPattern, actual);
  });
}

/** `anything-but` only matches present values. */
function matchesValue(pattern: ValuePattern, actual: unknown): boolean {
  if (typeof pattern === 'string') return pattern === actual;
  return typeof actual === 'string' && !pattern['anything-but'].includes(actual);
}

async function callStreams<T>(endpoint: string, operation: string, body: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${text}`);
  return JSON.parse(text) as T;
}

/** Start positions of all present shards. */
async function* shardIterators(endpoint: string, TableName: string): AsyncGenerator<string> {
  const { Streams } = await callStreams<{ Streams: { StreamArn: string }[] }>(endpoint, 'ListStreams', {
    TableName,
  });
  for (const { StreamArn } of Streams) {
    const { StreamDescription } = await callStreams<{
      StreamDescription: { Shards: { ShardId: string }[] };
    }>(endpoint, 'DescribeStream', { StreamArn });
    for (const { ShardId } of StreamDescription.Shards) {
      const { ShardIterator } = await callStreams<{ ShardIterator: string }>(endpoint, 'GetShardIterator', {
        StreamArn,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      yield ShardIterator;
    }
  }
}

/** The table must exist, with a stream. */
export async function followTable(options: TableStreamOptions): Promise<TableStream> {
  const { endpoint, tableName, patterns } = options;
  const iterators: string[] = [];
  for await (const iterator of shardIterators(endpoint, tableName)) iterators.push(iterator);
  let closed = false;
  let rounds = 0;
  let quietRounds = 0;

  const round = async (): Promise<boolean> => {
    let isQuiet = true;
    for (const [i, ShardIterator] of iterators.entries()) {
      const { Records, NextShardIterator } = await callStreams<{
        Records: StreamRecord[];
        NextShardIterator?: string;
      }>(endpoint, 'GetRecords', { ShardIterator, Limit: BATCH });
      if (NextShardIterator !== undefined) iterators[i] = NextShardIterator;
      if (Records.length > 0) isQuiet = false;
      const wanted = Records.filter((record) => patterns.some((pattern) => matchesPattern(pattern, record)));
      if (wanted.length > 0) await handOver(options, wanted);
    }
    return isQuiet;
  };
  const running = (async () => {
    while (!closed) {
      try {
        quietRounds = (await round()) ? quietRounds + 1 : 0;
      } catch (error) {
        if (!closed) console.error(String(error));
      }
      rounds++;
      await sleep(POLL_MS);
    }
  })();
  return {
    async idle() {
      const start = rounds;
      // The current round may have read before the call.
      while (!closed && (rounds < start + 2 || quietRounds === 0)) {
        await sleep(POLL_MS);
      }
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

async function handOver({ invoke }: TableStreamOptions, Records: readonly StreamRecord[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await invoke({ Records });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) {
        console.error(`given up: ${String(error)}`);
        return;
      }
      await sleep(RETRY_MS);
    }
  }
}
