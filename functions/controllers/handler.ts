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
import { builtInControllers } from '../../shared/controllers/built-in-controllers.ts';
import { ControllerManager } from '../../shared/controllers/controller-manager.ts';
import { DiscoveryCatalog } from '../../shared/controllers/discovery-catalog.ts';
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { ensureBootstrap } from '../adapter/bootstrap.ts';
import { changeOfKey, writtenKeys } from '../adapter/change-stream.ts';
import { createFunctionServer, type FunctionServer } from '../adapter/function-server.ts';
import { answerStack, isStackEvent } from '../adapter/stack-event.ts';

type ControllersEvent = DynamoDBStreamEvent | ScheduledEvent | CloudFormationCustomResourceEvent;

/** Milliseconds that the function stays for what failed or is not done yet: a namespace that is not empty. */
const PATIENCE_MS = 6_000;
/** Stands for all keys of a controller, which it could not even name. */
const ALL_KEYS = '*';

/** Made by the first event, kept with what it has read: the next finds little to read anew. */
function controllers() {
  let made: Promise<FunctionServer> | undefined;
  const make = async (): Promise<FunctionServer> => {
    const made = await createFunctionServer(process.env);
    await ensureBootstrap(made.server, made.storageFactory);
    return made;
  };
  const start = (): Promise<FunctionServer> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return async (event: ControllersEvent): Promise<void> => {
    // A stack is made, or changed: what a cluster is born with is made then, and wrong flags are told.
    if (isStackEvent(event)) await answerStack(event, async () => void (await start()));
    else await run(event, await start());
  };
}

type Wakening = DynamoDBStreamEvent | ScheduledEvent;

/** Settles before the function answers: what failed is told, so that the stream sends its records again. */
async function run(event: Wakening, { server, sweeper }: FunctionServer): Promise<void> {
  const { resources } = server;
  const reasons = new Map<
    string,
    { readonly controller: string; readonly key: string; readonly reason: string }
  >();
  const builtIn = builtInControllers({
    resources: server.resources,
    catalog: new DiscoveryCatalog(server.discovery),
  });
  const manager = new ControllerManager({
    controllers: [...builtIn, ...server.controllers, ...server.ownControllers],
    onError: (controller, key, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      reasons.set(`${controller} ${key}`, { controller, key, reason });
    },
  });
  if ('Records' in event) {
    const changes = await Promise.all(writtenKeys(event).map((written) => changeOfKey(resources, written)));
    for (const change of changes) {
      // What is gone can't say what it held.
      if (change.type === 'DELETED') await manager.observeEnd(change);
      else manager.observe(change);
    }
  } else {
    await sweeper.sweepExpired();
    await manager.resync();
  }
  await manager.settle(PATIENCE_MS);
  const failures = [...reasons.values()].filter(
    ({ controller, key }) => key === ALL_KEYS || manager.isFailing(controller, key),
  );
  await manager.stop();
  if (failures.length > 0) throw new Error(`controllers failed: ${JSON.stringify(failures)}`);
}

showSourcePositions();
export const handler = middy<ControllersEvent, void, Error, Context>({ timeoutEarlyInMillis: 0 }).handler(
  controllers(),
);
