/** A control plane: its API, its controllers, the care of its storage. What every host makes. */

import type { Change, Controller } from '../controllers/controller.ts';
import { ControllerManager, type OnTurn } from '../controllers/controller-manager.ts';
import { controllerErrors } from '../controllers/controller-names.ts';
import { observeWrites } from '../controllers/observed-storage.ts';
import { QueueMetrics } from '../controllers/queue-metrics.ts';
import type { ResourceCatalog } from '../controllers/resource-catalog.ts';
import { selectControllers } from '../controllers/select-controllers.ts';
import { StorageSweeper } from '../controllers/storage-sweeper.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import type { ApiHandler } from '../request/api-request.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { type Logger, VERBOSITY } from '../util/logger.ts';
import { reasonOf } from '../util/reason-of.ts';
import type { Newborn } from './birth-mould.ts';
import { ensureBootstrap } from './bootstrap.ts';
import { type ControllerFailure, reconcileOnce } from './controller-round.ts';
import { createServer } from './create-server.ts';
import { FOLLOWED_RESOURCES } from './followed-resources.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { ServerRunOptions } from './options/options.ts';
import { flagsOfOptions } from './options/parse-options.ts';
import type { Server } from './server-chain.ts';

/** Makes controllers of the host's own for a control plane. */
export type NewControllers = (access: {
  readonly resources: ResourceAccess;
  /** What is served, custom resources included. */
  readonly catalog: ResourceCatalog;
}) => readonly Controller[];

export interface ControlPlaneOptions extends Omit<ServerDependencies, 'storageFactory' | 'logger'> {
  /** The tenant's; its maker closes it. */
  readonly storage: StorageFactory;
  /** kube-apiserver's flags. */
  readonly options?: Partial<ServerRunOptions> | undefined;
  /**
   * kube-controller-manager's `--controllers`: which of its controllers run in this process, beside kube-apiserver's
   * own. `whenAsked`: none runs but in `reconcile`, as in a host that is frozen between events. Absent: all run.
   */
  readonly controllers?: readonly string[] | 'whenAsked' | undefined;
  /** Run beside the others, whatever `controllers` names. */
  readonly moreControllers?: NewControllers | undefined;
  /** Its verbosity counts where `options` has none. */
  readonly logger: Logger;
  /** What a cluster is born with is made by each start, or by one of a tenant's processes for all. Absent: `eachStart`. */
  readonly bootstrap?: 'eachStart' | 'oncePerTenant' | undefined;
  /** Of a process that makes many: what the first of a tenant's processes makes is copied from others like it. */
  readonly newborn?: Newborn | undefined;
  /**
   * Whether every release that may write to this store, which is new, knows of heads that stand together. Absent: none
   * but this one does.
   */
  readonly gathersHeads?: (() => Promise<boolean>) | undefined;
  /** Runs when the API answers, before controllers look at anything. */
  readonly prepare?: ((resources: ResourceAccess) => Promise<void>) | undefined;
}

export interface Round {
  /** What was written. Absent: everything is looked at, and what has expired is swept. */
  readonly changes?: readonly Change[] | undefined;
  /** Milliseconds to stay for what failed or is not done yet. */
  readonly patienceMs: number;
}

export interface ControlPlane {
  /** Answers requests from now on; `/readyz` is well when `start` has made what a cluster is born with. */
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  /** Everything that is served. */
  readonly discovery: DiscoverySource;
  /**
   * Makes what a cluster is born with, and runs the controllers from then on. Resolves when they have nothing to do
   * (`settled`), but for those that look through all there is, which only begin then; or before any began (`ready`).
   * `atRest`: they have seen every write before, and look for none. A start that failed may be tried again.
   */
  start(until?: 'settled' | 'ready' | 'atRest'): Promise<void>;
  /** Resolves when the controllers of this process have nothing to do now. */
  idle(): Promise<void>;
  /** Milliseconds until they have something to do that time alone brings about; `whenAsked`: as of the last turn. */
  nextIn(): number | undefined;
  /** One turn of all controllers, for hosts that are frozen between events. Resolves to what failed last. */
  reconcile(round: Round): Promise<readonly ControllerFailure[]>;
  /** From now on `/readyz` fails, and watches end. Other requests go on. */
  drain(): void;
  /** Drains, waits for what controllers do, and lets go of everything but the storage. */
  close(): Promise<void>;
}

const looksThroughLittle = ({ looksThroughMuch = false }: Controller) => !looksThroughMuch;

/** Rejects with an Error that names everything that is wrong with the options. */
export async function createControlPlane(config: ControlPlaneOptions): Promise<ControlPlane> {
  const { storage, options = {}, controllers = ['*'], moreControllers, newborn, ...dependencies } = config;
  const unknown = controllers === 'whenAsked' ? [] : controllerErrors(controllers);
  if (unknown.length > 0) throw new Error(unknown.join('\n'));
  const { verbosity } = options;
  const logger = verbosity === undefined ? config.logger : config.logger.at(verbosity);
  const flags = flagsOfOptions(options).map(([name, text]) => `--${name}=${text}`);
  logger.info(VERBOSITY.start, 'control plane', { flags: flags.join(' ') });
  const onError = (controller: string, key: string, error: unknown) =>
    logger.error(`${controller} failed on ${key}, will try again`, reasonOf(error));
  storage.follow(FOLLOWED_RESOURCES);
  const sweeper = new StorageSweeper(storage);
  const swept = sweeper.storageFactory();
  const observed =
    controllers === 'whenAsked' ? swept : observeWrites(swept, (change) => manager.observe(change));
  const server = await createServer(options, {
    ...dependencies,
    storageFactory: newborn?.storageFactory(observed) ?? observed,
    logger,
  });
  const manager = new ControllerManager({
    onError,
    onTurn: tellTurns(logger),
    metrics: controllers === 'whenAsked' ? undefined : new QueueMetrics(server.metrics),
  });
  const newControllers = async (patterns: readonly string[]): Promise<readonly Controller[]> => {
    const { controllerManagers, own, catalog } = await server.newControllers();
    return [
      ...selectControllers(controllerManagers, patterns),
      ...own,
      ...(moreControllers?.({ resources: server.resources, catalog }) ?? []),
    ];
  };
  // Nothing is written before they listen: the server is there, and no request has come.
  if (controllers !== 'whenAsked') {
    const made = await newControllers(controllers);
    logger.info(VERBOSITY.start, 'controllers', { names: made.map(({ name }) => name).join(',') });
    manager.add(made);
  }
  /** What controllers make of what a cluster is born with, done before anybody asks for it. */
  const settle = async (): Promise<void> => {
    if (controllers === 'whenAsked') await reconcileOnce(await newControllers(['*']), { patienceMs: 0 });
    else await manager.resync(looksThroughLittle).then(() => manager.idle());
  };
  let lastNextIn: number | undefined;
  let resynced: Promise<void> | undefined;
  const idle = async () => {
    await resynced;
    await manager.idle();
  };
  return {
    handler: server.handler,
    resources: server.resources,
    discovery: server.discovery,
    async start(until = 'settled') {
      const begin = performance.now();
      await makeBirthObjects(server, config, settle);
      await config.prepare?.(server.resources);
      logger.info(VERBOSITY.start, 'ready', { milliseconds: Math.round(performance.now() - begin) });
      if (controllers === 'whenAsked') return;
      sweeper.start((error) => logger.error('sweeping the storage failed, will try again', reasonOf(error)));
      if (until === 'atRest') return;
      const settled = settle();
      resynced = settled.then(() => manager.resync((controller) => !looksThroughLittle(controller)));
      if (until === 'settled') await settled;
    },
    idle,
    nextIn: () => (controllers === 'whenAsked' ? lastNextIn : manager.nextIn),
    async reconcile({ changes, patienceMs }) {
      if (changes === undefined) await sweeper.sweepExpired();
      const round = { changes, patienceMs, onTurn: tellTurns(logger) };
      const { failures, nextIn } = await reconcileOnce(await newControllers(['*']), round);
      lastNextIn = nextIn;
      return failures;
    },
    drain: () => {
      logger.info(VERBOSITY.start, 'draining');
      server.drain();
    },
    close: async () => {
      sweeper.stop();
      await manager.stop();
      await resynced;
      await server.close();
      logger.info(VERBOSITY.start, 'closed');
    },
  };
}

/** Told of each turn of a controller, where the log hears of them. */
function tellTurns(logger: Logger): OnTurn | undefined {
  if (logger.verbosity < VERBOSITY.storage) return undefined;
  return (controller, key, milliseconds) =>
    logger.info(VERBOSITY.storage, 'turn', { controller, key, milliseconds: Math.round(milliseconds) });
}

function makeBirthObjects(
  server: Server,
  { bootstrap, storage, newborn, gathersHeads = async () => true }: ControlPlaneOptions,
  settle: () => Promise<void>,
): Promise<void> {
  if (bootstrap !== 'oncePerTenant') return server.ready();
  const ready = () => server.ready();
  const make = async (isFirst: boolean) => {
    if (isFirst && (await gathersHeads())) await storage.gatherHeads();
    await (isFirst && newborn ? newborn.make(ready, settle) : ready());
  };
  return ensureBootstrap(make, storage, server.minor);
}
