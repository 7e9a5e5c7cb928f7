/** Writes from another process, and reports when each write was acknowledged. */

import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { thing, things } from './bench-table.ts';

const orders = JSON.parse(process.argv[2]!) as {
  endpoint: string;
  tableName: string;
  name: string;
  pauseMs: number;
  rounds: number;
};
const storage = new SDKStorageFactory(orders).storageFor(things(orders.name));
for (let n = 0; n < orders.rounds; n++) {
  await new Promise((resolve) => setTimeout(resolve, orders.pauseMs));
  await storage.create(`ns/${n}`, thing('w', 1_000));
  console.log(Number(process.hrtime.bigint() / 1_000n) / 1_000);
}
process.exit(0);
