/** Serves a deployed fleet's requests: the management plane and all tenants, by host name or path. */

import type { AbsentTenants } from '../../shared/fleet/absent-tenants.ts';
import { fleetRouter } from '../../shared/fleet/fleet-router.ts';
import { placeholderEntry } from '../../shared/fleet/placeholder-tenant.ts';
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
   * Does in advance what any first request would wait for: loads code, connects to the table, and loads the placeholder
   * tenant. Rejects if that fails.
   */
  prepare(): Promise<void>;
  /** Ends watches; other requests continue. */
  drain(): void;
}

/** `ZEROPLANE_FLEET_DOMAIN`: parent domain of the tenants' host names; empty: tenants are served by path only. */
export function fleetHandler(
  environment: NodeJS.ProcessEnv,
  hosting: FleetHosting,
  endpointOf: () => string | undefined,
): FleetHandler {
  const fleet = createFunctionFleet(environment, hosting);
  let starting: Promise<ControlPlane> | undefined;
  // Created on first use: a process may serve only tenants.
  const management = once(() => {
    starting = startManagementPlane(environment, fleet, { endpoint: endpointOf(), sheds: true, hosting });
    return starting;
  });
  const placeholder = placeholderEntry(fleet.tableName);
  const absentTenants = once(async (): Promise<AbsentTenants> => {
    const { absentTenantsOf } = await import('./function-absent-tenants.ts');
    return absentTenantsOf(fleet, placeholder);
  });
  const route = fleetRouter({
    directory: fleet.directory,
    runtime: fleet.runtime,
    absentTenants: {
      placeholder,
      serve: async (...asked) => (await absentTenants()).serve(...asked),
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
      // Lambda freezes the environment between requests, so this is the only time to flush.
      if (hosting.frozenBetweenRequests) await fleet.meter.flush();
      return route(request);
    },
    prepare: async () => {
      await Promise.all([
        fleet.runtime.use(placeholder, async () => {}),
        fleet.directory.find(placeholder.name),
        fleet.prepareCredentials(),
        // Needed to authorize users whose permissions are not cached yet.
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
 * The server of a fleet's function. It prepares while the function is loaded, when Lambda provides full processor
 * speed; each request retries what failed then.
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
