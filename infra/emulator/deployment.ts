/** A tenant deployed on this machine: the template's resources, with table, stream and parameters. */

import { join } from 'node:path';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensurePKI, type PKI } from '../local/keys/pki.ts';
import { writeKubeconfig } from '../local/kubeconfig.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type LocalParameterStore, startParameterStore } from './parameter-store.ts';
import { followTable, type TableStream } from './table-stream.ts';

export interface DeploymentOptions {
  /** The checkout. */
  readonly root: string;
  /** Folder with the functions' bundles. */
  readonly bundles: string;
  /** Folder for certificates and the kubeconfig. */
  readonly folder: string;
  readonly tenant: string;
  /** The template's parameters, besides `Tenant`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly dynamodbEndpoint: string;
  /** Endpoint of DynamoDB for functions: a proxy in front of it. */
  readonly dynamodbProxy?: string | undefined;
  /** Additional variables of the functions' environments. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Called with each line that a function logs, by its logical name. Absent: lines go to this process's output. */
  readonly onLog?: ((name: string, line: string) => void) | undefined;
  readonly port?: number | undefined;
  readonly maxTimeoutSeconds?: number | undefined;
}

export interface Deployment {
  readonly gateway: Gateway;
  readonly tableName: string;
  readonly stream: TableStream;
  readonly parameterStore: LocalParameterStore;
  readonly pki: PKI;
  /** File of a kubeconfig whose user is an admin by client certificate. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

export const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const CONTROLLERS = 'ControllersFunction';

/** Resolves when the API answers. The functions' keys are in the parameter store, but not the admin's certificate. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { root, folder, tenant, dynamodbEndpoint } = options;
  const pki = await ensurePKI(join(folder, 'pki'));
  const parameterStore = await startParameterStore();
  const gateway = await startGateway({
    template: join(root, 'infra/deploy/template.yaml'),
    parameters: { ...options.parameters, Tenant: tenant },
    bundles: options.bundles,
    environment: () => ({
      AWS_ENDPOINT_URL_DYNAMODB: options.dynamodbProxy ?? dynamodbEndpoint,
      AWS_ENDPOINT_URL_SSM: parameterStore.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ZEROPLANE_CLIENT_CA_FILE: join(folder, 'pki/ca.crt'),
      ...options.environment,
    }),
    tls: { certificate: pki.server.certificate, key: pki.server.key, clientAuthority: pki.ca.certificate },
    onLog: options.onLog,
    port: options.port,
    maxTimeoutSeconds: options.maxTimeoutSeconds,
  });
  const { template } = gateway;
  for (const [name, value] of Object.entries(template.parameters)) parameterStore.parameters.set(name, value);
  const tableName = await createTable(template.tables['Table']!, dynamodbEndpoint);
  const stream = await followTable({
    endpoint: dynamodbEndpoint,
    tableName,
    patterns: template.functions.flatMap(({ streamPatterns }) => streamPatterns),
    invoke: (event) => gateway.invoke(CONTROLLERS, event),
  });
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, {
    name: `zeroplane-${tenant}`,
    server: gateway.url,
    certificateAuthority: pki.ca.certificate,
    clientCertificate: pki.admin.certificate,
    clientKey: pki.admin.key,
  });
  return {
    gateway,
    tableName,
    stream,
    parameterStore,
    pki,
    kubeconfig,
    close: async () => {
      await stream.close();
      await gateway.close();
      parameterStore.close();
    },
  };
}

/** The ARN of a table's stream. */
export async function streamOf(TableName: string, endpoint: string): Promise<string> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  client.destroy();
  return Table!.LatestStreamArn!;
}

/**
 * Creates a table with the template's properties that the emulator supports; returns its name. `hasStream`: the
 * emulator scans all stream records at each write to a table with a stream, so the ten thousandth write takes a hundred
 * times as long as the first.
 */
export async function createTable(
  {
    TableName,
    BillingMode,
    AttributeDefinitions,
    KeySchema,
    StreamSpecification,
    DeletionProtectionEnabled,
    Tags,
  }: Readonly<Record<string, unknown>>,
  endpoint: string,
  { hasStream = true }: { readonly hasStream?: boolean } = {},
): Promise<string> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const input = {
    TableName,
    BillingMode,
    AttributeDefinitions,
    KeySchema,
    ...(hasStream && { StreamSpecification: { ...(StreamSpecification as object), StreamEnabled: true } }),
    DeletionProtectionEnabled: String(DeletionProtectionEnabled) === 'true',
    Tags,
  };
  await client.send(new CreateTableCommand(input as ConstructorParameters<typeof CreateTableCommand>[0]));
  client.destroy();
  return String(TableName);
}
