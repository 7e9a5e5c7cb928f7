/** A fleet deployed on this machine: what fleet.yaml declares, with IAM's decisions by its own policies. */

import { join } from 'node:path';
import { ensurePKI, type PKI } from '../local/keys/pki.ts';
import { writeKubeconfig } from '../local/kubeconfig.ts';
import { type AccessProxy, startAccessProxy } from './access-proxy.ts';
import { startBirthplace } from './birthplace.ts';
import { createTable, REGION } from './deployment.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { startParameterStore } from './parameter-store.ts';
import { followTable, type TableStream } from './table-stream.ts';
import { readTemplate } from './template.ts';

export interface FleetDeploymentOptions {
  /** The checkout. */
  readonly root: string;
  /** Folder with the functions' bundles. */
  readonly bundles: string;
  /** Where certificates and the kubeconfig are kept. */
  readonly folder: string;
  readonly fleet: string;
  /** The template's, beside `Fleet`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly dynamodbEndpoint: string;
  /** More variables of the functions' environments. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly port?: number | undefined;
  readonly maxTimeoutSeconds?: number | undefined;
  /** Milliseconds that credentials for a tenant are good for. */
  readonly sessionMs?: number | undefined;
  /** Told each line that a function or a host logs, by its logical name. Absent: they go where this process' do. */
  readonly onLog?: ((name: string, line: string) => void) | undefined;
}

export interface FleetDeployment {
  readonly gateway: Gateway;
  readonly access: AccessProxy;
  readonly stream: TableStream;
  readonly pki: PKI;
  /** File of a kubeconfig of the management plane, whose user is an admin by certificate. */
  readonly kubeconfig: string;
  /** What the schedule does now and then. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

const CONTROLLERS = 'ControllersFunction';

/** Resolves when the management plane answers and knows what a ControlPlane is. */
export async function deployFleet(options: FleetDeploymentOptions): Promise<FleetDeployment> {
  const { root, folder, fleet, dynamodbEndpoint, sessionMs } = options;
  const pki = await ensurePKI(join(folder, 'pki'));
  const parameterStore = await startParameterStore();
  const source = {
    template: join(root, 'infra/deploy/fleet.yaml'),
    parameters: { ...options.parameters, Fleet: fleet },
  };
  const template = readTemplate(source.template, source.parameters);
  const access = await startAccessProxy({ template, dynamodbEndpoint, sessionMs });
  const roleOf = (arn: string) =>
    Object.keys(template.roles).find((name) => template.roles[name]!.arn === arn)!;
  const gateway = await startGateway({
    ...source,
    bundles: options.bundles,
    environment: ({ role }, url) => ({
      AWS_ENDPOINT_URL_DYNAMODB: access.endpoint,
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
  // CloudFormation's: what the management plane is born with.
  const birth = await startBirthplace();
  await gateway.invoke(CONTROLLERS, birth.event);
  await birth.done();
  const stream = await followTable({
    endpoint: dynamodbEndpoint,
    tableName,
    patterns: template.functions.flatMap(({ streamPatterns }) => streamPatterns),
    invoke: (event) => gateway.invoke(CONTROLLERS, event),
  });
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
    stream,
    pki,
    kubeconfig,
    tick: async () => {
      await gateway.invoke(CONTROLLERS, { source: 'aws.scheduler' });
    },
    close: async () => {
      await stream.close();
      await gateway.close();
      access.close();
      parameterStore.close();
    },
  };
}
