/**
 * The controllers function: runs when the tenant's table changes, and now and then for what time alone brings about.
 * A tenant at rest never wakes it but for the schedule.
 */

import middy from '@middy/core';
import type {
  CloudFormationCustomResourceEvent,
  Context,
  DynamoDBStreamEvent,
  ScheduledEvent,
} from 'aws-lambda';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { once } from '../../shared/util/once.ts';
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { beginRound, type RoundOutcome, type TellRound } from '../adapter/controllers-log.ts';
import { functionStorage, startFunctionPlane } from '../adapter/function-server.ts';
import { beginInvocation } from '../adapter/logger.ts';
import { answerStack, isStackEvent } from '../adapter/stack-event.ts';
import { Wakings } from './wakings.ts';

type ControllersEvent = DynamoDBStreamEvent | ScheduledEvent | CloudFormationCustomResourceEvent;

/** Milliseconds that the function stays for what failed or is not done yet: a namespace that is not empty. */
const PATIENCE_MS = 6_000;

/** Made by the first event, kept with what it has read: the next finds little to read anew. */
function controllers() {
  let storage: StorageFactory | undefined;
  let wakings: Wakings | undefined;
  const table = (): StorageFactory => {
    storage ??= functionStorage(process.env);
    return storage;
  };
  const plane = once(async () => startFunctionPlane(process.env, undefined, { storage: table() }));
  return async (event: ControllersEvent, { awsRequestId: requestId = '' }: Context): Promise<void> => {
    const tell = beginRound({ requestId, isColdStart: beginInvocation(requestId) });
    // A stack is made, or changed: what a cluster is born with is made then, and wrong flags are told.
    if (isStackEvent(event)) {
      await answerStack(event, async () => {
        const failures = await (await plane()).reconcile({ changes: [], patienceMs: PATIENCE_MS });
        finish({ changes: 0, failures }, tell);
      });
      return;
    }
    wakings ??= new Wakings({ storage: table(), plane, patienceMs: PATIENCE_MS });
    finish(await ('Records' in event ? wakings.byWrites(event) : wakings.byClock()), tell);
  };
}

/** Who sent the event sends it again when something failed. */
function finish(outcome: RoundOutcome, tell: TellRound): void {
  tell(outcome);
  const { failures } = outcome;
  if (failures.length > 0) throw new Error(`controllers failed: ${JSON.stringify(failures)}`);
}

showSourcePositions();
export const handler = middy<ControllersEvent, void, Error, Context>({ timeoutEarlyInMillis: 0 }).handler(
  controllers(),
);
