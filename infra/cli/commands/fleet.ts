/** `zeroplane create|get|delete|kubeconfig`: a fleet's control planes, and kubeconfigs for any control plane. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shellWord } from '../../local/shell-word.ts';
import { CREDENTIAL_PLUGINS } from '../login/credential-plugins.ts';
import { aboveZero, collect, orFail, tenantName } from './command-line.ts';

const controlPlanes = () => import('../control-planes.ts');
const printExport = (path: string): void => console.log(`export KUBECONFIG=${shellWord(path)}`);
const KUBECONFIG_HELP = 'file for its kubeconfig (default: .zeroplane/tenants/NAME.kubeconfig)';

/** Options of the commands that use a fleet's management plane. */
function fleetCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-n, --namespace <name>', 'namespace of the ControlPlane object', 'default')
    .option('--kubeconfig <file>', "kubeconfig of the management plane (default: kubectl's)")
    .option('--context <name>', 'context in the kubeconfig')
    .option('--kubectl <program>', 'kubectl binary used for credentials', 'kubectl');
}

export function fleetCommands(program: Command): void {
  fleetCommand(
    program,
    'create <name>',
    'Creates a control plane in a fleet, waits until it is ready, and writes its kubeconfig.',
  )
    .option('--kubernetes-version <minor>', "Kubernetes minor that clients see (default: the fleet's)")
    .option('--argument <--flag=value>', 'kube-apiserver flag; repeatable', collect)
    .option('--admin <iam=ARN|user=NAME|group=NAME>', 'principal with full access; repeatable', collect)
    .option('--isolation <kind>', "Shared: rows in the fleet's table; Dedicated: its own table")
    .option('--deletion-policy <policy>', 'Delete or Retain the data when the control plane is deleted')
    .option('--write-kubeconfig <file>', KUBECONFIG_HELP)
    .option('--timeout <seconds>', 'how long to wait', aboveZero, 60)
    .action((name: string, options) =>
      orFail(async () => printExport(await (await controlPlanes()).createControlPlane(name, options))),
    );

  fleetCommand(program, 'get [name]', 'Lists the control planes of a fleet.')
    .option('-A, --all-namespaces', 'all namespaces')
    .action((name: string | undefined, options) =>
      orFail(async () => {
        const table = await (await controlPlanes()).listControlPlanes(name, options);
        if (table !== undefined) console.log(table);
        else if (options.allNamespaces) console.error('no control planes');
        else console.error(`no control planes in namespace ${options.namespace}`);
      }),
    );

  fleetCommand(program, 'delete <name>', 'Deletes a control plane of a fleet.')
    .option('--timeout <seconds>', 'how long to wait', aboveZero, 60)
    .action((name: string, options) =>
      orFail(async () => console.log(await (await controlPlanes()).deleteControlPlane(name, options))),
    );

  fleetCommand(
    program,
    'kubeconfig [name]',
    'Writes the kubeconfig of a control plane in a fleet, or of a stack on AWS.',
  )
    .option('--wait <seconds>', 'fleet only: how long to wait until it is ready', aboveZero)
    .option('--tenant <name>', 'instead of a name: the tenant of a stack, with login by IAM', tenantName)
    .option('--region <region>', 'Region of the stack (default: AWS_REGION, or of the profile)')
    .option('--profile <name>', 'AWS profile, for reading the stack and for login')
    .option(
      '--credential-plugin <program>',
      `of the stack: credential plugin, ${CREDENTIAL_PLUGINS.join(' or ')} (its CLI)`,
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
