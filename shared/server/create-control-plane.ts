/** A control plane: its API, its controllers and the maintenance of its storage. Common to all hosts. */

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
import { ensureBootstrap } from './bootstrap.ts';
import type { TemplatedBootstrap } from './bootstrap-template.ts';
import { type ControllerFailure, reconcileOnce } from './controller-round.ts';
import { createServer } from './create-server.ts';
import { FOLLOWED_RESOURCES } from './followed-resources.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { ServerRunOptions } from './options/options.ts';
import { flagsOfOptions } from './options/parse-options.ts';
import type { Server } from './server-chain.ts';

/** Creates additional controllers of the host for a control plane. */
export type NewControllers = (access: {
  readonly resources: ResourceAccess;
  /** All served resources, including custom ones. */
  readonly catalog: ResourceCatalog;
}) => readonly Controller[];

export interface ControlPlaneOptions extends Omit<ServerDependencies, 'storageFactory' | 'logger'> {
  /** The storage of the tenant. The caller closes it. */
  readonly storage: StorageFactory;
  /** kube-apiserver's flags. */
  readonly options?: Partial<ServerRunOptions> | undefined;
  /**
   * kube-controller-manager's `--controllers`: those to run in this process, in addition to kube-apiserver's own. With
   * `whenAsked` they only run in `reconcile`, for hosts that are frozen between events. If absent, all run.
   */
  readonly controllers?: readonly string[] | 'whenAsked' | undefined;
  /** Run in addition to the others, regardless of `controllers`. */
  readonly moreControllers?: NewControllers | undefined;
  /** Its verbosity applies unless `options` sets one. */
  readonly logger: Logger;
  /**
   * Whether bootstrap objects are ensured by every start or by one of the tenant's processes for all. If absent:
   * `eachStart`.
   */
  readonly bootstrap?: 'eachStart' | 'oncePerTenant' | undefined;
  /** For processes that create many control planes: copies the bootstrap objects from a similar one. */
  readonly templatedBootstrap?: TemplatedBootstrap | undefined;
  /**
   * Whether every release that may write to this new store supports gathered heads. If absent, no other release writes
   * to it.
   */
  readonly gathersHeads?: (() => Promise<boolean>) | undefined;
  /** Runs once the API is available, before any controller. */
  readonly prepare?: ((resources: ResourceAccess) => Promise<void>) | undefined;
}

export interface Round {
  /** The writes to process. If absent, every object is processed and expired ones are removed. */
  readonly changes?: readonly Change[] | undefined;
  /** Milliseconds to wait for retries and unfinished work. */
  readonly patienceMs: number;
}

export interface ControlPlane {
  /** Handles requests immediately. `/readyz` succeeds once `start` has created the bootstrap objects. */
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  /** Everything that is served. */
  readonly discovery: DiscoverySource;
  /**
   * Creates the bootstrap objects, then runs the controllers. Resolves when the controllers are idle (`settled`),
   * except for those that process all objects, which start only then; or before they start (`ready`). With `atRest`
   * they have already seen every earlier write and don't look for any. May be called again if it failed.
   */
  start(until?: 'settled' | 'ready' | 'atRest'): Promise<void>;
  /** Resolves when the controllers of this process are idle. */
  idle(): Promise<void>;
  /** Milliseconds until a controller has work that no write triggers; for `whenAsked`, as of the last round. */
  nextIn(): number | undefined;
  /** Runs all controllers once, for hosts that are frozen between events. Resolves with the failures at the end. */
  reconcile(round: Round): Promise<readonly ControllerFailure[]>;
  /** Makes `/readyz` fail and ends watches. Other requests are still handled. */
  drain(): void;
  /** Drains, waits for running controllers, and releases everything except the storage. */
  close(): Promise<void>;
}

const looksThroughLittle = ({ looksThroughMuch = false }: Controller) => !looksThroughMuch;

/** Rejects with an Error that lists all invalid options. */
export async function createControlPlane(config: ControlPlaneOptions): Promise<ControlPlane> {
  const {
    storage,
    options = {},
    controllers = ['*'],
    moreControllers,
    templatedBootstrap,
    ...dependencies
  } = config;
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
    storageFactory: templatedBootstrap?.storageFactory(observed) ?? observed,
    logger,
  });
  const manager = new ControllerManager({
    onError,
    onTurn: reportTurns(logger),
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
  // Until the controllers listen, nothing is written: the server exists, but no request has arrived yet.
  if (controllers !== 'whenAsked') {
    const made = await newControllers(controllers);
    logger.info(VERBOSITY.start, 'controllers', { names: made.map(({ name }) => name).join(',') });
    manager.add(made);
  }
  /** Lets controllers process the bootstrap objects before the control plane is used. */
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
      const isSettled = await runBootstrap(server, config, settle);
      await config.prepare?.(server.resources);
      logger.info(VERBOSITY.start, 'ready', { milliseconds: Math.round(performance.now() - begin) });
      if (controllers === 'whenAsked') return;
      sweeper.start((error) => logger.error('sweeping the storage failed, will try again', reasonOf(error)));
      if (until === 'atRest' || isSettled) return;
      const settled = settle();
      resynced = settled.then(() => manager.resync((controller) => !looksThroughLittle(controller)));
      if (until === 'settled') await settled;
    },
    idle,
    nextIn: () => (controllers === 'whenAsked' ? lastNextIn : manager.nextIn),
    async reconcile({ changes, patienceMs }) {
      if (changes === undefined) await sweeper.sweepExpired();
      const round = { changes, patienceMs, onTurn: reportTurns(logger) };
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

/** Logs each run of a controller at high verbosity. */
function reportTurns(logger: Logger): OnTurn | undefined {
  if (logger.verbosity < VERBOSITY.storage) return undefined;
  return (controller, key, milliseconds) =>
    logger.info(VERBOSITY.storage, 'turn', { controller, key, milliseconds: Math.round(milliseconds) });
}

/** Resolves with whether everything was created that controllers would derive from the bootstrap objects. */
async function runBootstrap(
  server: Server,
  { bootstrap, storage, templatedBootstrap, gathersHeads = async () => true }: ControlPlaneOptions,
  settle: () => Promise<void>,
): Promise<boolean> {
  const ready = () => server.ready();
  let isSettled = false;
  if (bootstrap !== 'oncePerTenant') {
    await ready();
    return isSettled;
  }
  const make = async (isFirst: boolean) => {
    if (isFirst && (await gathersHeads())) await storage.gatherHeads();
    if (isFirst && templatedBootstrap) isSettled = await templatedBootstrap.make(ready, settle);
    else await ready();
  };
  await ensureBootstrap(make, storage, server.minor);
  server.bootstrapped();
  return isSettled;
}
