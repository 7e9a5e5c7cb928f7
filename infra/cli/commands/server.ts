/** `zeroplane start`, and the programs that stand in for kube-apiserver and etcd. */

import type { Command } from 'commander';
import type { StartOptions } from '../../local/start.ts';
import { collect, orExit } from './command-line.ts';

const list = (value: string): string[] => value.split(',').filter((name) => name !== '');

/** Programs with flags of their own, which this command line doesn't parse. */
const PROGRAMS = {
  'kube-apiserver': [
    "Runs only the API server, with kube-apiserver's flags.",
    async (args: string[]) => (await import('../../local/kube-apiserver.ts')).runKubeAPIServer(args),
  ],
  etcd: [
    "Runs the store of `zeroplane kube-apiserver`, with etcd's flags.",
    async (args: string[]) => (await import('../../local/etcd.ts')).runEtcd(args),
  ],
} as const;

/** The options of `zeroplane start` besides kube-apiserver's flags; `zeroplane validate` parses them too. */
export function startCommand(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'directory for data, certificates and kubeconfigs', '.zeroplane')
    .option('--in-memory', 'do not persist data', false)
    .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
    .option('--secure-port <port>', 'port to listen on; 0 picks a free one', '6443')
    .option('--write-kubeconfig <file>', "file for the admin's kubeconfig (default: in the data directory)")
    .option('--tenant <name>', 'control plane to serve; repeatable', collect)
    .option('--fleet', 'serve a fleet: one control plane per ControlPlane object', false)
    .option('--domain <name>', 'with --fleet: serve tenants at host names below this domain')
    .option(
      '--allow-addresses <CIDR>',
      "with --fleet: private addresses that tenants' webhooks, API servers and issuers may use; repeatable",
      collect,
    )
    .option('--controllers <list>', "controllers to run: '*', names, '-name' to exclude one", list, ['*']);
}

export function startOptions(command: Command, serverArguments: readonly string[]): StartOptions {
  const options = command.opts();
  return { ...(options as StartOptions), securePort: Number(options['securePort']), serverArguments };
}

export function serverCommands(program: Command): void {
  startCommand(program.command('start'))
    .description('Serves the Kubernetes API locally. Also accepts the flags of kube-apiserver.')
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, command: Command) =>
      orExit(async () => {
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
      .action((_, command: Command) => orExit(() => run(command.args)));
  }
}
