/** `npm run gateway`: the Lambda functions on this machine, without containers. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import { collect } from '../cli/commands/command-line.ts';
import { shellWord } from '../local/shell-word.ts';
import { terminationSignal } from '../local/termination-signal.ts';
import { deploy } from './deployment.ts';
import { startDynamoDBServer } from './dynamodb-server.ts';
import { samLocal } from './sam-local.ts';

interface GatewayCommandOptions {
  readonly tenant: string;
  readonly port: string;
  readonly dataDir: string;
  readonly parameter: readonly string[];
  readonly containersAt?: string;
}

export interface GatewayCommand {
  /** The checkout. */
  readonly root: string;
  /** Folder with the functions' bundles. */
  readonly bundles: string;
  readonly argv: readonly string[];
}

function templateParameters(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', value] = text.split(/=(.*)/s);
      if (value === undefined) throw new Error(`--parameter ${text}: NAME=VALUE was expected`);
      return [name, value];
    }),
  );
}

/** Runs until a signal ends it. Rejects if it can't listen, or for parameters that the template doesn't have. */
export async function main({ root, bundles, argv }: GatewayCommand): Promise<void> {
  const startedAt = performance.now();
  const program = new Command('npm run gateway --')
    .description('Runs the functions behind the routes of infra/deploy/template.yaml. Keeps no data.')
    .option('--tenant <name>', "the template's Tenant", 'local')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '8443')
    .option('--data-dir <folder>', 'where certificates and the kubeconfig live', '.zeroplane/gateway')
    .option('--parameter <NAME=VALUE>', 'a parameter of the template; may be repeated', collect, [])
    .option('--containers-at <address>', "this machine's address on the network of containers")
    .parse(argv, { from: 'user' });
  const options = program.opts<GatewayCommandOptions>();
  const dynamodb = await startDynamoDBServer({ address: '127.0.0.1' });
  try {
    await serve({ root, bundles, options, startedAt, dynamodbEndpoint: dynamodb.endpoint });
  } finally {
    await dynamodb.stop();
  }
}

interface Serving extends Pick<GatewayCommand, 'root' | 'bundles'> {
  readonly options: GatewayCommandOptions;
  readonly startedAt: number;
  readonly dynamodbEndpoint: string;
}

async function serve({ root, bundles, options, startedAt, dynamodbEndpoint }: Serving): Promise<void> {
  const { tenant, port, containersAt } = options;
  const folder = resolve(options.dataDir);
  const parameters = templateParameters(options.parameter);
  const deploymentOptions = { root, bundles, folder, tenant, parameters, dynamodbEndpoint };
  const deployment = await deploy({ ...deploymentOptions, port: Number(port) });
  const sam = await samLocal({ deployment, dynamodbEndpoint, folder, tenant, parameters, containersAt });
  const { gateway, kubeconfig } = deployment;
  console.log(`gateway ready in ${Math.round(performance.now() - startedAt)} ms at ${gateway.url}`);
  console.log(`  export KUBECONFIG=${shellWord(kubeconfig)}`);
  console.log(`  ${sam.command}`);
  await terminationSignal();
  sam.close();
  await deployment.close();
}
