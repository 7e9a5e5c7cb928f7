/** `zeroplane create|get|delete|kubeconfig`: the control planes of a fleet, and how kubectl reaches any. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shellWord } from '../../local/shell-word.ts';
import { CREDENTIAL_PLUGINS } from '../login/credential-plugins.ts';
import { aboveZero, collect, orFail } from './command-line.ts';

const controlPlanes = () => import('../control-planes.ts');
const printExport = (path: string): void => console.log(`export KUBECONFIG=${shellWord(path)}`);
const KUBECONFIG_HELP = 'where to write its kubeconfig (default: .zeroplane/tenants/NAME.kubeconfig)';

/** Options of the commands that ask a fleet's management plane. */
function fleetCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-n, --namespace <name>', 'of the ControlPlane object', 'default')
    .option('--kubeconfig <file>', "the management plane's (default: as kubectl finds it)")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl');
}

export function fleetCommands(program: Command): void {
  fleetCommand(
    program,
    'create <name>',
    'Makes a control plane in a fleet, and writes its kubeconfig when it serves.',
  )
    .option('--kubernetes-version <minor>', "the Kubernetes minor that clients see (default: the fleet's)")
    .option('--argument <--flag=value>', "a flag of kube-apiserver's; may be repeated", collect)
    .option('--admin <iam=ARN|user=NAME|group=NAME>', 'who may do everything; may be repeated', collect)
    .option('--isolation <kind>', "Shared: rows of the fleet's table; Dedicated: a table of its own")
    .option('--deletion-policy <policy>', 'Delete: the data goes with it; Retain: it stays')
    .option('--write-kubeconfig <file>', KUBECONFIG_HELP)
    .option('--timeout <seconds>', 'how long it may take', aboveZero, 60)
    .action((name: string, options) =>
      orFail(async () => printExport(await (await controlPlanes()).createControlPlane(name, options))),
    );

  fleetCommand(program, 'get [name]', 'Lists the control planes of a fleet.')
    .option('-A, --all-namespaces', 'those of all namespaces')
    .action((name: string | undefined, options) =>
      orFail(async () => {
        const table = await (await controlPlanes()).listControlPlanes(name, options);
        if (table !== undefined) console.log(table);
        else if (options.allNamespaces) console.error('no control planes');
        else console.error(`no control planes in namespace ${options.namespace}`);
      }),
    );

  fleetCommand(program, 'delete <name>', 'Ends a control plane of a fleet.')
    .option('--timeout <seconds>', 'how long it may take', aboveZero, 60)
    .action((name: string, options) =>
      orFail(async () => console.log(await (await controlPlanes()).deleteControlPlane(name, options))),
    );

  fleetCommand(
    program,
    'kubeconfig [name]',
    'Writes the kubeconfig of a control plane: of a fleet, or of a stack on AWS.',
  )
    .option('--wait <seconds>', 'of a fleet: how long to wait until it serves', aboveZero)
    .option('--tenant <name>', 'in place of a name: the tenant of a stack, to log in as an IAM identity')
    .option('--region <region>', 'of the stack (default: of the profile, or AWS_REGION)')
    .option('--profile <name>', 'of the stack: AWS profile to read it with, and to log in with')
    .option(
      '--credential-plugin <program>',
      `of the stack: what makes tokens: ${CREDENTIAL_PLUGINS.join(' or ')}, its CLI`,
      'zeroplane',
    )
    .option(
      '--write-kubeconfig <file>',
      `${KUBECONFIG_HELP.slice(0, -1)}; of a stack: aws/TENANT.kubeconfig)`,
    )
    .action((name: string | undefined, options) =>
      orFail(async () => {
        if ((name === undefined) === (options.tenant === undefined)) {
          throw new Error('name one: NAME of a fleet, or the --tenant of a stack');
        }
        if (name !== undefined) {
          printExport(await (await controlPlanes()).writeControlPlaneKubeconfig(name, options));
          return;
        }
        const { writeTenantKubeconfig } = await import('../login/tenant-kubeconfig.ts');
        const command = [process.execPath, resolve(process.argv[1]!)];
        printExport(await writeTenantKubeconfig(options, command));
      }),
    );
}
