/** One of several processes that serve a tenant: begins and ends watches as it is told. Run by shared-limits.test.ts. */

import { createInterface } from 'node:readline';
import { SharedLimits } from '../../../shared/fleet/shared-limits.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';

export interface LimitsOrders {
  readonly endpoint: string;
  readonly tableName: string;
  readonly name: string;
  readonly entry: TenantEntry;
}

const { endpoint, tableName, name, entry } = JSON.parse(process.argv[2]!) as LimitsOrders;
const table = new SDKDynamoDBTable({ endpoint, tableName });
const traffic = new TenantTraffic({
  usage: new UsageMeter(),
  shared: new SharedLimits({ table, process: name }),
});
const held: AsyncIterator<Uint8Array>[] = [];

async function* untilToldToEnd(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

/** The status of a watch, which goes on. */
async function watch(): Promise<number> {
  const request = {
    ...{ method: 'GET', path: '/api/v1/pods', query: new URLSearchParams('watch=1') },
    ...{ headers: headerFields([]), body: new Uint8Array(), canStream: true },
    signal: new AbortController().signal,
  };
  const { status, body } = await traffic.run(entry, request, async () => ({
    status: 200,
    headers: {},
    body: untilToldToEnd(),
  }));
  if (!(body instanceof Uint8Array)) {
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    held.push(iterator);
  }
  return status;
}

console.log('ready');
for await (const order of createInterface({ input: process.stdin })) {
  if (order === 'watch') console.log(await watch());
  else {
    // The answer is over when others may know of it.
    await held.pop()!.next();
    console.log('ended');
  }
}
