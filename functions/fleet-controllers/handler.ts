/** The controllers of a fleet: triggered by changes of its table, and by a schedule for tenants with work due. */

import middy from '@middy/core';
import type {
  CloudFormationCustomResourceEvent,
  Context,
  DynamoDBStreamEvent,
  ScheduledEvent,
} from 'aws-lambda';
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { beginRound } from '../adapter/controllers-log.ts';
import { createFleetControllers, type FleetControllers } from '../adapter/fleet-controllers.ts';
import { beginInvocation } from '../adapter/logger.ts';
import { answerStack, isStackEvent } from '../adapter/stack-event.ts';

type FleetEvent = DynamoDBStreamEvent | ScheduledEvent | CloudFormationCustomResourceEvent;

let made: FleetControllers | undefined;

async function handle(event: FleetEvent, { awsRequestId: requestId = '' }: Context): Promise<void> {
  const report = beginRound({ requestId, isColdStart: beginInvocation(requestId) });
  made ??= createFleetControllers(process.env);
  const controllers = made;
  // The stack is created or updated: creates the management plane's initial objects, and reports wrong flags.
  if (isStackEvent(event)) await answerStack(event, () => controllers.prepare());
  else report(await ('Records' in event ? controllers.onRecords(event) : controllers.onSchedule()));
}

showSourcePositions();
export const handler = middy<FleetEvent, void, Error, Context>({ timeoutEarlyInMillis: 0 }).handler(handle);
