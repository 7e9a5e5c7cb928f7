/**
 * The controllers function: triggered by changes of the tenant's table, and by a schedule for effects of time. An idle
 * tenant only triggers the schedule.
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
import { beginRound, type ReportRound, type RoundOutcome } from '../adapter/controllers-log.ts';
import { functionStorage, startFunctionPlane } from '../adapter/function-server.ts';
import { beginInvocation } from '../adapter/logger.ts';
import { answerStack, isStackEvent } from '../adapter/stack-event.ts';
import { ControllerTriggers } from './controller-triggers.ts';

type ControllersEvent = DynamoDBStreamEvent | ScheduledEvent | CloudFormationCustomResourceEvent;

/** Milliseconds to stay for retries of failed or unfinished work, such as a namespace that is not empty yet. */
const RETRY_WINDOW_MS = 6_000;

/** Created by the first event, and kept with its caches for later ones. */
function controllers() {
  let storage: StorageFactory | undefined;
  let triggers: ControllerTriggers | undefined;
  const table = (): StorageFactory => {
    storage ??= functionStorage(process.env);
    return storage;
  };
  const plane = once(async () => startFunctionPlane(process.env, undefined, { storage: table() }));
  return async (event: ControllersEvent, { awsRequestId: requestId = '' }: Context): Promise<void> => {
    const report = beginRound({ requestId, isColdStart: beginInvocation(requestId) });
    // The stack is created or updated: creates the initial objects, and reports wrong flags.
    if (isStackEvent(event)) {
      await answerStack(event, async () => {
        const failures = await (await plane()).reconcile({ changes: [], patienceMs: RETRY_WINDOW_MS });
        finish({ changes: 0, failures }, report);
      });
      return;
    }
    triggers ??= new ControllerTriggers({ storage: table(), plane, patienceMs: RETRY_WINDOW_MS });
    finish(await ('Records' in event ? triggers.onWrites(event) : triggers.onSchedule()), report);
  };
}

/** Throws after failures, so that the event's sender retries it. */
function finish(outcome: RoundOutcome, report: ReportRound): void {
  report(outcome);
  const { failures } = outcome;
  if (failures.length > 0) throw new Error(`controllers failed: ${JSON.stringify(failures)}`);
}

showSourcePositions();
export const handler = middy<ControllersEvent, void, Error, Context>({ timeoutEarlyInMillis: 0 }).handler(
  controllers(),
);
