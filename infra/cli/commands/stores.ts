/** `zeroplane backup|restore|import|export|fsck`: a control plane's stored data. */

import type { Command } from 'commander';
import { collect, orFail } from './command-line.ts';
import { storeCommand } from './store-command.ts';

export function storeCommands(program: Command): void {
  storeCommand(
    program,
    'backup',
    "Writes a control plane's objects to a file or to S3, without stopping requests.",
  )
    .requiredOption('--output <file|s3://bucket/prefix>', "destination; '-' for standard output")
    .option('--recipient <age1...>', 'encrypt for this age recipient; repeatable', collect)
    .option('--events', 'include Events')
    .action((options) => orFail(async () => (await import('../backup/backup.ts')).backup(options)));

  storeCommand(program, 'restore', 'Restores a control plane from a backup. Its servers must be stopped.')
    .option('--input <file|s3://bucket/prefix>', 'the backup')
    .option('--identity <file>', 'age identities for an encrypted backup')
    .option('--resource <name>', "only this resource, such as 'deployments.apps'; repeatable", collect)
    .option('--namespace <name>', 'only this namespace; repeatable', collect)
    .option(
      '--point-in-time <time|latest>',
      "instead of a backup: a time in the table's point-in-time recovery",
    )
    .action((options) =>
      orFail(async () => {
        if ((options.input === undefined) === (options.pointInTime === undefined)) {
          throw new Error('name one: --input or --point-in-time');
        }
        if (options.pointInTime === undefined) {
          console.error(await (await import('../backup/backup.ts')).restore(options));
          return;
        }
        if (options.identity) throw new Error('--identity is for a backup that is encrypted');
        const { restorePointInTime } = await import('../backup/point-in-time.ts');
        console.log(await restorePointInTime(options));
      }),
    );

  storeCommand(
    program,
    'import',
    "Imports another cluster's objects into a control plane. Its servers must be stopped.",
  )
    .option('--kubeconfig <file>', "read from this cluster's API")
    .option('--context <name>', 'context in the kubeconfig')
    .option('--kubectl <program>', 'kubectl binary used for credentials', 'kubectl')
    .option('--files <path>', "read a file or folder written by 'export'")
    .option('--etcd-snapshot <file>', "read a snapshot of a kube-apiserver's etcd")
    .option('--etcd-prefix <prefix>', '--etcd-prefix of that kube-apiserver', '/registry')
    .option(
      '--source-encryption-provider-config <file>',
      '--encryption-provider-config of that kube-apiserver',
    )
    .option('--output <file>', 'write a backup instead of filling a control plane')
    .option('--delete-others', 'delete objects that the control plane has and the cluster does not')
    .action((options) => orFail(async () => (await import('../transfer/import.ts')).importCluster(options)));

  storeCommand(
    program,
    'export',
    "Creates a control plane's objects in another cluster, or writes them to files.",
  )
    .option('--kubeconfig <file>', "write to this cluster's API")
    .option('--context <name>', 'context in the kubeconfig')
    .option('--kubectl <program>', 'kubectl binary used for credentials', 'kubectl')
    .option('--output <folder>', "write files for 'kubectl apply' and 'import' instead")
    .option('--format <yaml|json>', 'format of the files', 'yaml')
    .option('--keep-uids', "keep uids, owners, timestamps and status, for 'import' only")
    .option('--resource <name>', "only this resource, such as 'deployments.apps'; repeatable", collect)
    .option('--namespace <name>', 'only this namespace; repeatable', collect)
    .action((options) =>
      orFail(async () => (await import('../transfer/export.ts')).exportControlPlane(options)),
    );

  storeCommand(
    program,
    'fsck',
    'Checks the consistency of the stored data of a control plane. Its servers must be stopped.',
  )
    .option('--repair', 'fix inconsistencies that the store itself resolves')
    .action((options) =>
      orFail(async () => {
        const isWell = await (await import('../fsck.ts')).fsck(options);
        if (!isWell) process.exitCode = 1;
      }),
    );
}
