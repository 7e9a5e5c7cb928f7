/** A fleet deployed on this machine: the resources of fleet.yaml, with access control by its own policies. */

import { join } from 'node:path';
import { ensurePKI, type PKI } from '../local/keys/pki.ts';
import { writeKubeconfig } from '../local/kubeconfig.ts';
import { type AccessProxy, startAccessProxy } from './access-proxy.ts';
import { functionARN, tableARN, tableOfARN } from './arns.ts';
import { startBootstrapEvent } from './bootstrap-event.ts';
import { createTable, REGION, streamOf } from './deployment.ts';
import { EventSources } from './event-sources.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { startParameterStore } from './parameter-store.ts';
import { isAllowed } from './policy.ts';
import { TableStates } from './table-states.ts';
import { ALIAS, readTemplate, type Template } from './template.ts';

export interface FleetDeploymentOptions {
  /** The checkout. */
  readonly root: string;
  /** Folder with the functions' bundles. */
  readonly bundles: string;
  /** Folder for certificates and the kubeconfig. */
  readonly folder: string;
  readonly fleet: string;
  /** The template's parameters, besides `Fleet`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly dynamodbEndpoint: string;
  /** Additional variables of the functions' environments. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly port?: number | undefined;
  readonly maxTimeoutSeconds?: number | undefined;
  /** Milliseconds that credentials for a tenant are valid. */
  readonly sessionMs?: number | undefined;
  /** Milliseconds that it takes to create and delete tables and stream mappings. */
  readonly takesMs?: number | undefined;
  /**
   * Called with each line that a function or a host logs, by its logical name. Absent: lines go to this process's
   * output.
   */
  readonly onLog?: ((name: string, line: string) => void) | undefined;
}

export interface FleetDeployment {
  readonly gateway: Gateway;
  readonly access: AccessProxy;
  /** Of all tables. */
  readonly stream: EventSources;
  readonly pki: PKI;
  /** File of a kubeconfig of the management plane, whose user is an admin by client certificate. */
  readonly kubeconfig: string;
  /** Runs the scheduled event. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

const CONTROLLERS = 'ControllersFunction';

/** Resolves when the management plane answers and serves ControlPlanes. */
export async function deployFleet(options: FleetDeploymentOptions): Promise<FleetDeployment> {
  const { root, folder, fleet, dynamodbEndpoint, sessionMs, takesMs = 500 } = options;
  const pki = await ensurePKI(join(folder, 'pki'));
  const parameterStore = await startParameterStore();
  const source = {
    template: join(root, 'infra/deploy/fleet.yaml'),
    parameters: { ...options.parameters, Fleet: fleet },
  };
  const template = readTemplate(source.template, source.parameters);
  const roleOf = (arn: string) =>
    Object.keys(template.roles).find((name) => template.roles[name]!.arn === arn)!;
  const controllers = template.functions.find(({ name }) => name === CONTROLLERS)!;
  const states = new TableStates(takesMs);
  const eventSources = new EventSources({
    dynamodbEndpoint,
    takesMs,
    invoke: (name, event) => gateway.invoke(name, event),
    canRead: (stream) => mayRead(template, roleOf(controllers.role), stream),
  });
  const access = await startAccessProxy({ template, dynamodbEndpoint, sessionMs, states, eventSources });
  const gateway = await startGateway({
    ...source,
    bundles: options.bundles,
    environment: ({ role, name }, url) => ({
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_ENDPOINT_URL_DYNAMODB: access.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: access.endpoint,
      AWS_ENDPOINT_URL_STS: access.endpoint,
      AWS_ENDPOINT_URL_SSM: parameterStore.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: roleOf(role),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ZEROPLANE_CLIENT_CA_FILE: join(folder, 'pki/ca.crt'),
      ZEROPLANE_ENDPOINT: url,
      ...options.environment,
    }),
    tls: { certificate: pki.server.certificate, key: pki.server.key, clientAuthority: pki.ca.certificate },
    onLog: options.onLog,
    port: options.port,
    maxTimeoutSeconds: options.maxTimeoutSeconds,
  });
  for (const [name, value] of Object.entries(template.parameters)) parameterStore.parameters.set(name, value);
  const tableName = await createTable(template.tables['Table']!, dynamodbEndpoint);
  // The stack's custom resource: creates the management plane's initial objects.
  const bootstrap = await startBootstrapEvent();
  await gateway.invoke(CONTROLLERS, bootstrap.event);
  await bootstrap.done();
  states.recover(tableName);
  const EventSourceArn = await streamOf(tableName, dynamodbEndpoint);
  for (const settings of controllers.streamSettings) {
    const FunctionName = `${functionARN(CONTROLLERS)}:${ALIAS}`;
    await eventSources.declare({ ...settings, EventSourceArn, FunctionName });
  }
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, {
    name: `zeroplane-${fleet}`,
    server: gateway.url,
    certificateAuthority: pki.ca.certificate,
    clientCertificate: pki.admin.certificate,
    clientKey: pki.admin.key,
  });
  return {
    gateway,
    access,
    stream: eventSources,
    pki,
    kubeconfig,
    tick: async () => {
      await gateway.invoke(CONTROLLERS, { source: 'aws.scheduler' });
    },
    close: async () => {
      await eventSources.close();
      await gateway.close();
      access.close();
      parameterStore.close();
    },
  };
}

/** Actions that Lambda requires of a function's role to consume a stream. */
const READING = ['DescribeStream', 'GetRecords', 'GetShardIterator'];

function mayRead({ roles }: Template, role: string, stream: string): boolean {
  const resource = `${tableARN(tableOfARN(stream)!)}/stream/${stream.split('/').at(-1)}`;
  const { statements } = roles[role]!;
  return READING.every((operation) =>
    isAllowed(statements, { action: `dynamodb:${operation}`, resource, context: {} }),
  );
}
