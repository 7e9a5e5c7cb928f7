/** The command line: `zeroplane start`. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { runEtcd } from './etcd.ts';
import { runKubeAPIServer } from './kube-apiserver.ts';
import { start } from './start.ts';

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];
const list = (value: string): string[] => value.split(',');

const program = new Command('zeroplane')
  .description('The Kubernetes API server, rebuilt for serverless.')
  .version(packageJson.version);

program
  .command('start')
  .description('Serves the Kubernetes API on this machine. Takes the flags of kube-apiserver as well.')
  .option('--data-dir <folder>', 'where data, certificates and kubeconfigs live', '.zeroplane')
  .option('--in-memory', 'keep no data', false)
  .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
  .option('--secure-port <port>', 'port to listen on; 0 takes a free one', '6443')
  .option(
    '--write-kubeconfig <file>',
    "where to write the admin's kubeconfig (default: in the data directory)",
  )
  .option('--tenant <name>', 'a control plane to serve; may be repeated', collect)
  .option('--controllers <list>', "controllers to run: '*', names, '-name' to leave one out", list, ['*'])
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (options, command: Command) => {
    const securePort = Number(options.securePort);
    await orFail(() => start({ ...options, securePort, serverArguments: command.args }));
  });

async function orFail(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** Programs with flags of their own: nothing is this command line's to read. */
const PROGRAMS = {
  'kube-apiserver': ["The API server alone, under kube-apiserver's flags.", runKubeAPIServer],
  etcd: ["Keeps the data of `zeroplane kube-apiserver`, under etcd's flags.", runEtcd],
} as const;

for (const [name, [description, run]] of Object.entries(PROGRAMS)) {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, command: Command) => orFail(() => run(command.args)));
}

program
  .command('envtest-assets')
  .description('Prints the folder that KUBEBUILDER_ASSETS should name for envtest to start Zeroplane.')
  .action(() => console.log(resolve(import.meta.dirname, '../../infra/envtest')));

await program.parseAsync();
