/** `zeroplane start`, and the programs that stand in for kube-apiserver and etcd. */

import type { Command } from 'commander';
import type { StartOptions } from '../../local/start.ts';
import { collect, orFail } from './command-line.ts';

const list = (value: string): string[] => value.split(',').filter((name) => name !== '');

/** Programs with flags of their own: nothing is this command line's to read. */
const PROGRAMS = {
  'kube-apiserver': [
    "The API server alone, under kube-apiserver's flags.",
    async (args: string[]) => (await import('../../local/kube-apiserver.ts')).runKubeAPIServer(args),
  ],
  etcd: [
    "Keeps the data of `zeroplane kube-apiserver`, under etcd's flags.",
    async (args: string[]) => (await import('../../local/etcd.ts')).runEtcd(args),
  ],
} as const;

/** What `zeroplane start` takes beside kube-apiserver's flags; `zeroplane validate` reads them too. */
export function startCommand(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'where data, certificates and kubeconfigs live', '.zeroplane')
    .option('--in-memory', 'keep no data', false)
    .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
    .option('--secure-port <port>', 'port to listen on; 0 takes a free one', '6443')
    .option(
      '--write-kubeconfig <file>',
      "where to write the admin's kubeconfig (default: in the data directory)",
    )
    .option('--tenant <name>', 'a control plane to serve; may be repeated', collect)
    .option('--fleet', 'serve a fleet: a control plane for each ControlPlane object', false)
    .option('--domain <name>', 'domain below which each tenant of a fleet has a host name')
    .option(
      '--allow-addresses <CIDR>',
      'addresses that are not of the internet, which tenants of a fleet may name all the same; may be repeated',
      collect,
    )
    .option('--controllers <list>', "controllers to run: '*', names, '-name' to leave one out", list, ['*']);
}

export function startOptions(command: Command, serverArguments: readonly string[]): StartOptions {
  const options = command.opts();
  return { ...(options as StartOptions), securePort: Number(options['securePort']), serverArguments };
}

export function serverCommands(program: Command): void {
  startCommand(program.command('start'))
    .description('Serves the Kubernetes API on this machine. Takes the flags of kube-apiserver as well.')
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, command: Command) =>
      orFail(async () => {
        const { start } = await import('../../local/start.ts');
        await start(startOptions(command, command.args));
      }),
    );

  for (const [name, [description, run]] of Object.entries(PROGRAMS)) {
    program
      .command(name)
      .description(description)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action((_, command: Command) => orFail(() => run(command.args)));
  }
}
