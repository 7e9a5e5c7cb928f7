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
import type { ControlPlane, Round } from '../../shared/server/create-control-plane.ts';
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { changesOfKey, writtenKeys } from '../adapter/change-stream.ts';
import { beginRound, type TellRound } from '../adapter/controllers-log.ts';
import { startFunctionPlane } from '../adapter/function-server.ts';
import { beginInvocation } from '../adapter/logger.ts';
import { answerStack, isStackEvent } from '../adapter/stack-event.ts';

type ControllersEvent = DynamoDBStreamEvent | ScheduledEvent | CloudFormationCustomResourceEvent;

/** Milliseconds that the function stays for what failed or is not done yet: a namespace that is not empty. */
const PATIENCE_MS = 6_000;

/** Made by the first event, kept with what it has read: the next finds little to read anew. */
function controllers() {
  let made: Promise<ControlPlane> | undefined;
  const start = (): Promise<ControlPlane> => {
    made ??= startFunctionPlane(process.env).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return async (event: ControllersEvent, { awsRequestId: requestId = '' }: Context): Promise<void> => {
    const tell = beginRound({ requestId, isColdStart: beginInvocation(requestId) });
    // A stack is made, or changed: what a cluster is born with is made then, and wrong flags are told.
    if (isStackEvent(event)) await answerStack(event, async () => run({ changes: [] }, await start(), tell));
    else if ('Records' in event) {
      const plane = await start();
      const changes = writtenKeys(event).map((written) => changesOfKey(plane.resources, written));
      await run({ changes: (await Promise.all(changes)).flat() }, plane, tell);
    } else await run({}, await start(), tell);
  };
}

/** Settles before the function answers: what failed is told, so that the stream sends its records again. */
async function run(round: Pick<Round, 'changes'>, plane: ControlPlane, tell: TellRound): Promise<void> {
  const failures = await plane.reconcile({ ...round, patienceMs: PATIENCE_MS });
  tell({ changes: round.changes?.length, failures });
  if (failures.length > 0) throw new Error(`controllers failed: ${JSON.stringify(failures)}`);
}

showSourcePositions();
export const handler = middy<ControllersEvent, void, Error, Context>({ timeoutEarlyInMillis: 0 }).handler(
  controllers(),
);
