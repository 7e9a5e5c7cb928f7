/** A deployed fleet's requests: the management plane and all tenants, by host name or path. */

import { fleetRouter } from '../../shared/fleet/fleet-router.ts';
import { placeholderEntry } from '../../shared/fleet/placeholder-tenant.ts';
import type { Strangers } from '../../shared/fleet/strangers.ts';
import { TenantTraffic } from '../../shared/fleet/tenant-traffic.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { ControlPlane } from '../../shared/server/create-control-plane.ts';
import { withPage } from '../../shared/ui/with-page.ts';
import { once } from '../../shared/util/once.ts';
import { createFunctionFleet, type FleetHosting, type FunctionFleet } from './function-fleet.ts';
import { type FunctionServer, whileLoading } from './function-server.ts';
import { FUNCTION_HOSTING, startManagementPlane } from './management-plane.ts';

export interface FleetHandler {
  readonly handler: ApiHandler;
  readonly fleet: FunctionFleet;
  /**
   * Does what a first request would wait for, whosever it is: loads code, connects to the table, makes nobody's control
   * plane. Rejects where that can't be done.
   */
  prepare(): Promise<void>;
  /** Watches end; other requests go on. */
  drain(): void;
}

/** `ZEROPLANE_FLEET_DOMAIN`: below which each tenant has a host name; empty: they have paths alone. */
export function fleetHandler(
  environment: NodeJS.ProcessEnv,
  hosting: FleetHosting,
  endpointOf: () => string | undefined,
): FleetHandler {
  const fleet = createFunctionFleet(environment, hosting);
  let starting: Promise<ControlPlane> | undefined;
  // A process that only sees tenants never needs it.
  const management = once(() => {
    starting = startManagementPlane(environment, fleet, { endpoint: endpointOf(), hosting });
    return starting;
  });
  const placeholder = placeholderEntry(fleet.tableName);
  const strangers = once(async (): Promise<Strangers> => {
    const { strangersOf } = await import('./function-strangers.ts');
    return strangersOf(fleet, placeholder);
  });
  const route = fleetRouter({
    directory: fleet.directory,
    runtime: fleet.runtime,
    strangers: {
      placeholder,
      serve: async (...asked) => (await strangers()).serve(...asked),
    },
    traffic: new TenantTraffic({ usage: fleet.meter.usage, shared: fleet.sharedLimits }),
    management: withPage(async (request) => (await management()).handler(request)),
    domain: environment['ZEROPLANE_FLEET_DOMAIN']?.toLowerCase() || undefined,
    logger: hosting.logger,
  });
  return {
    fleet,
    handler: async (request) => {
      fleet.runtime.sweep();
      // Who is frozen between requests has no other time.
      if (hosting.frozenBetweenRequests) await fleet.meter.flush();
      return route(request);
    },
    prepare: async () => {
      await Promise.all([
        fleet.runtime.use(placeholder, async () => {}),
        fleet.directory.find(placeholder.name),
        fleet.prepareCredentials(),
        // What decides of users who are not known yet.
        import('../../shared/storage/dynamodb/term-index.ts'),
      ]);
    },
    drain: () => {
      fleet.runtime.drain();
      void starting?.then((plane) => plane.drain()).catch(() => undefined);
    },
  };
}

/**
 * The server of a fleet's function. It prepares itself while the function is loaded, at the full speed that Lambda gives
 * to that; what went wrong then is tried again by each request.
 */
export function fleetServer(environment: NodeJS.ProcessEnv): FunctionServer {
  let endpoint: string | undefined;
  const made = once(async () => fleetHandler(environment, FUNCTION_HOSTING, () => endpoint));
  return {
    loaded: whileLoading(made().then(({ prepare }) => prepare())),
    create: async (calledBy) => {
      endpoint = calledBy;
      return (await made()).handler;
    },
  };
}
